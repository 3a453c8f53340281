public import Machine

/// A process and the files that hold its events.
public struct ProcessFiles: Codable, Equatable, Sendable {
  public var name: String
  /// The paths of its files, relative to the directory of the data unless they begin with `/`.
  public var files: [String]
  /// The paths of files with a weight for each event of each file, in their order; none: the events have no such weights.
  public var weightFiles: [String]
  /// The class of its events; nil: its name, or what a label says.
  public var className: String?
  public var use = ProcessUse.train
  /// The factor for its weights; or its cross section in pb and the sum of all generated weights, before any cut, which give
  /// that together with a luminosity.
  public var scale: Double?
  public var crossSection: Double?
  public var sumWeights: Double?

  public init(name: String, files: [String], weightFiles: [String] = []) {
    self.name = name
    self.files = files
    self.weightFiles = weightFiles
  }

  /// The files as seen from the directory of the data.
  public func paths(in directory: String) -> [String] { Self.paths(files, in: directory) }

  /// The same of the files with weights.
  public func weightPaths(in directory: String) -> [String] { Self.paths(weightFiles, in: directory) }

  private static func paths(_ files: [String], in directory: String) -> [String] {
    files.map { path in
      if path.hasPrefix("/") || directory.isEmpty || directory == "." { return path }
      return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }
  }
}

/// A file with weights that was read, one number for each event of an ``EventFile``.
public struct WeightFile: Codable, Equatable, Sendable {
  /// The path that was read.
  public var path: String
  /// Size and time when it was read.
  public var stamp: FileStamp
  /// The ``FileDigest`` of its bytes, in hexadecimal; empty if it was not computed.
  public var digest: String

  public init(path: String, stamp: FileStamp, digest: String = "") {
    (self.path, self.stamp, self.digest) = (path, stamp, digest)
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
  /// The number of its first event among those of all files, in their order, from 0: its place in split.npy. nil where it is not known,
  /// as in files of older versions.
  public var first: Int?
  /// Size and time when it was read.
  public var stamp: FileStamp
  /// The ``FileDigest`` of its bytes, in hexadecimal; empty if it was not computed.
  public var digest: String
  /// The file with the weights of its events, where there is one.
  public var weights: WeightFile?

  public init(
    process: String, path: String, events: Int, stamp: FileStamp = FileStamp(size: 0, modified: 0, changed: 0),
    digest: String = "", weights: WeightFile? = nil
  ) {
    self.process = process
    self.path = path
    self.events = events
    self.stamp = stamp
    self.digest = digest
    self.weights = weights
  }
}
