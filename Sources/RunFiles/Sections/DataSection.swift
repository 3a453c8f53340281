package import Events
import Machine

extension RunFile {
  /// The section `data`: which events are read and how.
  package struct DataSection: Equatable, Sendable, Codable {
    /// Where the files are: an absolute path. In the run file it is relative to the run file's folder, as an override
    /// to the working directory. Default: the run file's folder.
    package var directory: String
    /// The processes to tell apart, two or more, in the order of the network's outputs. No two have the same name, and no file
    /// occurs twice.
    package var processes: [ProcessFiles]
    /// The names of the features, in the order of the files.
    package var features: [String]
    /// Whether every feature is shifted to mean 0 and scaled to variance 1 over the training events. Default: true.
    package var standardize: Bool
    /// What a row of a file is. Default: a feature.
    package var layout: FileLayout
  }
}

extension RunFile.DataSection {
  init(_ section: RunFileSection, folder: String) {
    let path = section["directory"]
    directory = Path.absolute(
      path?.filePath() ?? ".", in: path?.isOverride == true ? FileSystem.workingDirectory : folder)
    var (names, files) = (Set<String>(), Set<String>())
    processes =
      section["processes"]?.list { $0.section { ProcessFiles($0, names: &names, files: &files) } }
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

extension ProcessFiles {
  fileprivate init(_ section: RunFileSection, names: inout Set<String>, files others: inout Set<String>) {
    self.init(
      name: section["name"]?.text(unlike: &names) ?? section.missing("name", example: "signal", ""),
      files: section["files"]?.list { $0.filePath(unlike: &others) }
        ?? section.missing("files", example: "[signal.txt]", []))
  }
}

extension RunFile.DataSection {
  var yaml: String {
    """
    data:
      directory: \(directory.yaml)
      processes:
    \(processes.map { "    - {name: \($0.name.yaml), files: \($0.files.yaml)}" }.joined(separator: "\n"))
      features: \(features.yaml)
      standardize: \(standardize)
      layout: \(layout.rawValue)
    """
  }
}
