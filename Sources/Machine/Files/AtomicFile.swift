/// Files that exist completely or not at all, whatever ends the program or the machine.
public enum AtomicFile {
  /// Makes `bytes` the content of the file at `path`.
  ///
  /// They go to a temporary file beside it, `.name.tmp-<process>`, which takes the name once the disk has it all.
  /// On an error the temporary file is deleted and an older file at `path` is as it was. One writer a path.
  /// The corresponding C functions are `open`, `pwrite`, `fsync` and
  /// `rename`.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try replace(bytes, at: path, waits: true)
    try FileSystem.synchronizeDirectory(FileSystem.parent(of: path))
  }

  /// The same without waiting for the disk: whoever reads the file finds one version or the other, but after a power failure
  /// there may be neither.
  public static func replace(_ bytes: [UInt8], at path: String) throws(FileError) {
    try replace(bytes, at: path, waits: false)
  }

  private static func replace(_ bytes: [UInt8], at path: String, waits: Bool) throws(FileError) {
    let temporaryPath = temporaryPath(for: path)
    do {
      let file = try temporary(for: path)
      try file.write(bytes, at: 0)
      if waits { try file.synchronize() }
      try FileSystem.rename(temporaryPath, to: path)
    } catch {
      // The first error is the one to report, under the name that the user knows.
      try? FileSystem.remove(temporaryPath)
      guard case .system(_, _, let errno) = error else { throw error }
      throw .system(.write, path: path, errno: errno)
    }
  }

  /// Deletes the temporary files in `directory` whose writers are gone.
  ///
  /// Only for the one process that writes there: it considers the files that bear its own number, and those of
  /// another host's processes, to be leftovers.
  public static func removeLeftovers(in directory: String) throws(FileError) {
    for name in try FileSystem.list(directory) {
      guard let process = writer(ofTemporary: name) else { continue }
      if process != getpid() && FileSystem.isRunning(process: process) { continue }
      try FileSystem.remove("\(directory)/\(name)")
    }
  }

  /// Whether a file of this name is one that ``write(_:to:)`` had not finished.
  public static func isTemporary(_ name: String) -> Bool { writer(ofTemporary: name) != nil }

  /// The new, empty temporary file of the one at `path`, for this process to write.
  static func temporary(for path: String) throws(FileError) -> OpenFile {
    let temporary = temporaryPath(for: path)
    // A leftover of an earlier life of this process number, as in a container, where numbers start again.
    try FileSystem.remove(temporary)
    return try OpenFile(temporary, .create)
  }

  /// Where this process writes the file at `path` before it takes the name.
  static func temporaryPath(for path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let nameStart = slash.map { path.utf8.index(after: $0) } ?? path.startIndex
    return "\(path[..<nameStart]).\(path[nameStart...]).tmp-\(getpid())"
  }

  /// The number of the process that wrote the temporary file `name`; nil for any other file.
  private static func writer(ofTemporary name: String) -> Int32? {
    guard name.hasPrefix("."), let dash = name.lastIndex(of: "-"), name[..<dash].hasSuffix(".tmp"),
      let process = Int32(name[name.index(after: dash)...]), process > 0
    else { return nil }
    return process
  }
}
