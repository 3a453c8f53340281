import Formats
package import Machine

/// `costs.npy`: the cost of every step, growing checkpoint by checkpoint, a one-dimensional array of little-endian
/// doubles that `numpy.load` opens at any time.
///
/// The format is version 1.0 of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, its header
/// padded to 128 bytes so that the length can be rewritten in place. A new header is written only when the
/// numbers that it counts are on disk: whenever a write is interrupted, the file is valid, with the old length or the new one.
package struct CostsFile: Sendable {
  package let path: String
  /// The number of costs in it.
  package private(set) var count: Int

  /// Creates or empties the file at `path`.
  package init(creatingAt path: String) throws(FileError) {
    try AtomicFile.write(Self.header(count: 0), to: path)
    self.path = path
    count = 0
  }

  /// Opens the file at `path` as it was at a checkpoint: with its first `count` costs; later ones are cut off.
  ///
  /// - Precondition: `count` ≥ 0.
  package init(resumingAt path: String, count: Int) throws(FileError) {
    precondition(count >= 0, "a negative number of costs")
    let file = try OpenFile(path, .update)
    let found = try Self.count(in: file)
    guard found >= count else {
      throw .content(
        path: path, problem: "has \(found) costs, the checkpoint was written after \(count)",
        advice: "resume from an older checkpoint or restore the file")
    }
    if found > count {
      try file.write(Self.header(count: count), at: 0)
      try file.synchronize()
    }
    try file.truncate(to: Self.end(of: count))
    try file.synchronize()
    self.path = path
    self.count = count
  }

  /// Appends the `costs` of the steps since the last call, and waits until the disk has them.
  ///
  /// If writing fails, the file keeps the costs that it had, and the call may be repeated.
  package mutating func append(_ costs: [Double]) throws(FileError) {
    let file = try OpenFile(path, .update)
    guard try Self.count(in: file) == count else {
      throw .content(
        path: path, problem: "was changed by another process", advice: "let only one run write here, and resume it")
    }
    var bytes: [UInt8] = []
    bytes.append(bytesOf: costs)
    try file.append(bytes, at: Self.end(of: count))
    try file.write(Self.header(count: count + costs.count), at: 0)
    try file.synchronize()
    count += costs.count
  }

  /// The costs in the file at `path`.
  package static func read(_ path: String) throws(FileError) -> [Double] {
    let file = try OpenFile(path, .read)
    let count = try count(in: file)
    return [Double](littleEndian: try file.read(at: headerSize, count: 8 * count)[...])
  }

  // MARK: Header

  /// Always the same, whatever the count: see `npyHeader`.
  private static let headerSize = 128

  private static func header(count: Int) -> [UInt8] { npyHeader(shape: [count], descr: "<f8") }

  /// The size of a file of `count` costs.
  private static func end(of count: Int) -> Int { headerSize + 8 * count }

  /// How many costs `file` has according to its header, if it is one of ours and has them.
  private static func count(in file: borrowing OpenFile) throws(FileError) -> Int {
    let header = try file.read(count: headerSize)
    let size = try file.size()
    let found = try? NpyHeader(header.span, size: size)
    guard let count = found?.shape.first, header == Self.header(count: count) else {
      throw .content(
        path: file.path, problem: "not a costs.npy of dist-train", advice: "restore the file or start a new run")
    }
    let room = (size - headerSize) / 8
    guard count <= room else {
      throw .content(
        path: file.path, problem: "cut off: has \(room) of \(count) costs",
        advice: "restore the file or start a new run")
    }
    return count
  }
}
