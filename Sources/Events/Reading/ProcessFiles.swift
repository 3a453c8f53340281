public import Machine

/// A process and the files that hold its events.
public struct ProcessFiles: Codable, Equatable, Sendable {
  public var name: String
  /// The paths of its files, relative to the directory of the data unless they begin with `/`.
  public var files: [String]

  public init(name: String, files: [String]) {
    self.name = name
    self.files = files
  }

  /// The files as seen from the directory of the data.
  public func paths(in directory: String) -> [String] {
    files.map { path in
      if path.hasPrefix("/") || directory.isEmpty || directory == "." { return path }
      return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }
  }
}

/// A file that was read.
public struct EventFile: Codable, Equatable, Sendable {
  /// The name of the process whose events it holds.
  public var process: String
  /// The path that was read.
  public var path: String
  /// The number of events in it.
  public var events: Int
  /// Size and time when it was read.
  public var stamp: FileStamp
  /// What ``FileDigest`` makes of its bytes, in hexadecimal; empty where nobody has asked.
  public var digest: String

  public init(
    process: String, path: String, events: Int, stamp: FileStamp = FileStamp(size: 0, modified: 0, changed: 0),
    digest: String = ""
  ) {
    self.process = process
    self.path = path
    self.events = events
    self.stamp = stamp
    self.digest = digest
  }
}
