import FoundationEssentials
public import Events

extension RunFile {
  /// The section `data`: which events are read and how.
  public struct DataSection: Equatable, Sendable {
    /// Where the files are: an absolute path. In the run file it is relative to the run file's folder, as an override
    /// to the working directory. Default: the run file's folder.
    public var directory: String
    /// The processes to tell apart, two or more, in the order of the network's outputs.
    public var processes: [Process]
    /// The names of the features, in the order of the files.
    public var features: [String]
    /// Whether every feature is shifted to mean 0 and scaled to variance 1 over the training events. Default: true.
    public var standardize: Bool
    /// What a row of a file is. Default: a feature.
    public var layout: FileLayout
  }

  /// A physics process and the events that stand for it.
  public struct Process: Equatable, Sendable {
    /// Its name; no two processes have the same.
    public var name: String
    /// Its files, one or more: relative to the data directory, or absolute. No file occurs twice in a run file.
    public var files: [String]
  }
}

extension RunFile.DataSection {
  init(_ section: RunFileSection, folder: String) {
    let path = section["directory"]
    directory = Path.absolute(
      path?.filePath() ?? ".", in: path?.isOverride == true ? FileManager.default.currentDirectoryPath : folder)
    var (names, files) = (Set<String>(), Set<String>())
    processes =
      section["processes"]?.list { $0.section { RunFile.Process($0, names: &names, files: &files) } }
      ?? section.missing("processes", example: "[{name: signal, files: [signal.txt]}, …]", [])
    if processes.count == 1 { section.report("processes", "has one process; give two or more to tell apart") }
    var others = Set<String>()
    features =
      section["features"]?.list { $0.text(unlike: &others) }
      ?? section.missing("features", example: "[lep_pt, lep_eta, …]", [])
    standardize = section["standardize"]?.boolean() ?? true
    layout = section["layout"]?.choice() ?? .featuresByRow
  }
}

extension RunFile.Process {
  init(_ section: RunFileSection, names: inout Set<String>, files others: inout Set<String>) {
    name = section["name"]?.text(unlike: &names) ?? section.missing("name", example: "signal", "")
    files =
      section["files"]?.list { $0.filePath(unlike: &others) } ?? section.missing("files", example: "[signal.txt]", [])
  }
}
