import FoundationEssentials
import Machine

/// A folder for the files of a reader, which lives as long as this object.
package final class FuzzFolder: Sendable {
  private let path: String

  /// An empty one, below the folder for temporary files.
  package init() throws {
    path = FileManager.default.temporaryDirectory.path + "/dist-train-fuzz-\(UInt64.random(in: 0 ... .max))"
    try FileSystem.makeDirectories(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Makes `bytes` the content of the file `name` and returns its path.
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    try FileSystem.remove(file)
    try OpenFile(file, .create).write(bytes, at: 0)
    return file
  }
}
