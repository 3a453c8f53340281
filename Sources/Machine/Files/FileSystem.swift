/// The few operations on files and directories that a run needs.
///
/// Paths go to the C library as strings that are valid for the call: that is all that the bare `unsafe` below say.
public enum FileSystem {
  /// The bytes of the file at `path`. The corresponding C functions are `open`, `fstat` and `pread`.
  ///
  /// - Throws: exit code 66 where there is no such file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path, .read)
    let size = try file.size()
    // Otherwise the system would kill the process. The check takes some time, so small files are read without it.
    guard size < 1 << 28 || MemoryBounds().left > Double(size) else { throw .system(.read, path: path, errno: ENOMEM) }
    return try file.read(count: size)
  }

  /// The text of a small file, empty if it cannot be read; also for files in /proc and /sys, whose size is not known in advance.
  public static func text(_ path: String) -> String {
    var bytes: [UInt8] = []
    if let file = try? OpenFile(path, .read) {
      while bytes.count < 1 << 20, let more = try? file.read(at: bytes.count, count: 4096), !more.isEmpty {
        bytes += more
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether there is something at `path`. The corresponding C function is `stat`.
  public static func exists(_ path: String) -> Bool { FileStatus(path) != nil }

  /// Whether `path` is a directory. The corresponding C function is `stat`.
  public static func isDirectory(_ path: String) -> Bool { FileStatus(path)?.kind == .directory }

  /// What the symbolic link at `path` points to. The corresponding C function is `readlink`.
  public static func target(ofLink path: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    // At most as many bytes as there is room for.
    let count = unsafe readlink(path, &target, target.count)
    return count < 0 ? nil : String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The path of the file that is opened when `path` is, without a symbolic link at its end; the file itself need not exist.
  ///
  /// - Throws: `ELOOP` where links lead in a circle.
  public static func resolvingLinks(_ path: String) throws(FileError) -> String {
    var path = path
    // As many as Linux follows.
    for _ in 0..<40 {
      guard let target = target(ofLink: path) else { return path }
      // What a descriptor is open on may have no path: "pipe:[4711]".
      if isDescriptor(path) { return path }
      path = target.hasPrefix("/") ? target : "\(parent(of: path))/\(target)"
    }
    throw .system(.write, path: path, errno: ELOOP)
  }

  /// Whether `path` is a pipe, a socket or a device, or one of this process's descriptors, whatever that is open on.
  public static func isStream(_ path: String) -> Bool {
    guard let kind = FileStatus(path)?.kind, kind != .directory, let path = try? resolvingLinks(path) else {
      return false
    }
    return kind != .regular || isDescriptor(path)
  }

  /// Whether `path` names a descriptor of a process, as `/dev/stdout` does in the end.
  static func isDescriptor(_ path: String) -> Bool { path.hasPrefix("/proc/") || path.hasPrefix("/dev/fd/") }

  /// Whether this process may use `path` as `mode` says (`W_OK` and the like). The corresponding C function is `access`.
  static func requireAccess(to path: String, _ mode: Int32) throws(FileError) {
    try check(.write, path) { unsafe Int(access(path, mode)) }
  }

  /// The directory from which relative paths start; "." if it is gone. The corresponding C function is `getcwd`.
  public static var workingDirectory: String {
    // Memory that the call takes for the answer, which is copied.
    guard let path = unsafe getcwd(nil, 0) else { return "." }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// Makes the directory at `path` and those above it, where they are missing, and waits until the disk has them.
  /// The corresponding C function is `mkdir`.
  public static func makeDirectories(_ path: String) throws(FileError) {
    do {
      try makeDirectory(path)
    } catch .system(_, _, EEXIST) where isDirectory(path) {
      return
    } catch .system(_, _, ENOENT) where !path.isEmpty && parent(of: path) != path {
      try makeDirectories(parent(of: path))
      try makeDirectory(path)
    }
  }

  /// The names in the directory at `path`, without `.` and `..`, in no particular order.
  /// The corresponding C functions are `opendir` and `readdir`.
  public static func list(_ path: String) throws(FileError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw .system(.list, path: path, errno: errno) }
    // Opened above and closed nowhere else.
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      // The entry is valid until the next call, and its name is copied before that.
      guard let entry = unsafe readdir(directory) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw .system(.list, path: path, errno: errno) }
    return names
  }

  /// Deletes the file at `path`; one that is gone already is no error. The corresponding C function is `unlink`.
  public static func remove(_ path: String) throws(FileError) {
    do {
      try check(.remove, path) { unsafe Int(unlink(path)) }
    } catch .system(_, _, ENOENT) {
      return
    }
  }

  /// The directory that `path` is in: "." for a bare name, "/" for the root itself.
  public static func parent(of path: String) -> String {
    let slash = UInt8(ascii: "/")
    var rest = path.utf8[...]
    while rest.count > 1 && rest.last == slash { rest.removeLast() }
    guard let end = rest.lastIndex(of: slash) else { return "." }
    rest = rest[..<end]
    while rest.last == slash { rest.removeLast() }
    return rest.isEmpty ? "/" : String(Substring(rest))
  }

  /// Waits until the disk has the names in the directory at `path`. The corresponding C function is `fsync`.
  public static func synchronizeDirectory(_ path: String) throws(FileError) {
    do {
      try OpenFile(path, .read).synchronize()
    } catch .system(_, _, EINVAL) {
      // Some network file systems cannot flush a directory: there the rename itself has to do.
      return
    } catch .system(_, _, let errno) {
      throw .system(.write, path: path, errno: errno)
    }
  }

  /// Gives `path` the name `newPath`, in place of what had it. The corresponding C function is `rename`.
  public static func rename(_ path: String, to newPath: String) throws(FileError) {
    try check(.write, newPath) { Int(systemRename(path, newPath)) }
  }

  /// Whether a process of this host has this number and has not ended: one that ended stays in the table of processes until
  /// its parent asks for its exit code, which an orphan's new parent may do late. The corresponding C function is `kill`,
  /// with signal 0.
  public static func isRunning(process: Int32) -> Bool {
    guard kill(process, 0) == 0 || errno != ESRCH else { return false }
    // proc(5): number, name in parentheses, which may hold some itself, state.
    let line = (try? OpenFile("/proc/\(process)/stat", .read).read(count: 512)) ?? []
    guard let name = line.lastIndex(of: UInt8(ascii: ")")), name + 2 < line.count else { return true }
    return line[name + 2] != UInt8(ascii: "Z") && line[name + 2] != UInt8(ascii: "X")
  }

  /// The result of a C function that returns −1 and sets `errno` on failure: the one way from there to `FileError`.
  @discardableResult
  public static func check(_ operation: FileError.Operation, _ path: String, _ call: () -> Int) throws(FileError) -> Int
  {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      if code != EINTR { throw .system(operation, path: path, errno: code) }
    }
  }

  private static func makeDirectory(_ path: String) throws(FileError) {
    try check(.makeDirectory, path) { unsafe Int(mkdir(path, 0o777)) }
    try synchronizeDirectory(parent(of: path))
  }
}
