import Glibc

/// The few operations on files and directories that a run needs.
///
/// Paths go to the C library as strings that are valid for the call: that is all that the bare `unsafe` below say.
public enum FileSystem {
  /// The bytes of the file at `path`. The corresponding C functions are `open`, `fstat` and `pread`.
  ///
  /// - Throws: exit code 66 where there is no such file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path, .read)
    return try file.read(count: file.size())
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
  static func parent(of path: String) -> String {
    let slash = UInt8(ascii: "/")
    var rest = path.utf8[...]
    while rest.count > 1 && rest.last == slash { rest.removeLast() }
    guard let end = rest.lastIndex(of: slash) else { return "." }
    rest = rest[..<end]
    while rest.last == slash { rest.removeLast() }
    return rest.isEmpty ? "/" : String(Substring(rest))
  }

  /// Waits until the disk has the names in the directory at `path`. The corresponding C function is `fsync`.
  static func synchronizeDirectory(_ path: String) throws(FileError) {
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
  static func rename(_ path: String, to newPath: String) throws(FileError) {
    try check(.write, newPath) { unsafe Int(Glibc.rename(path, newPath)) }
  }

  /// Whether a process of this host has this number and has not ended: one that ended stays in the table of processes until
  /// its parent asks for its exit code, which an orphan's new parent may do late. The corresponding C function is `kill`,
  /// with signal 0.
  static func isRunning(process: Int32) -> Bool {
    guard kill(process, 0) == 0 || errno != ESRCH else { return false }
    // proc(5): number, name in parentheses, which may hold some itself, state.
    let line = (try? OpenFile("/proc/\(process)/stat", .read).read(count: 512)) ?? []
    guard let name = line.lastIndex(of: UInt8(ascii: ")")), name + 2 < line.count else { return true }
    return line[name + 2] != UInt8(ascii: "Z") && line[name + 2] != UInt8(ascii: "X")
  }

  /// The result of a C function that returns −1 and sets `errno` on failure: the one way from there to `FileError`.
  @discardableResult
  static func check(_ operation: FileError.Operation, _ path: String, _ call: () -> Int) throws(FileError) -> Int {
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

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    // The call fills in `status` and keeps no pointer to it.
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
