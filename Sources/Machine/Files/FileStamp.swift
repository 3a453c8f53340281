/// How large a file is, and when it was written last.
public struct FileStamp: Codable, Equatable, Sendable {
  /// In bytes.
  public var size: Int
  /// In nanoseconds since 1970, as all times here.
  public var modified: Int
  /// When the content or the metadata of the file last changed (ctime), which no user can set back.
  public var changed: Int

  public init(size: Int, modified: Int, changed: Int) {
    self.size = size
    self.modified = modified
    self.changed = changed
  }
}

/// The identity of a file, whatever paths and links lead to it.
public struct FileIdentity: Hashable, Sendable {
  /// The file system.
  let device: UInt64
  /// The number of the file there.
  let number: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }
}

/// An open file for several owners and threads, closed with the last of them.
public final class SharedFile: Sendable {
  public let file: OpenFile

  public init(_ file: consuming OpenFile) { self.file = file }
}
