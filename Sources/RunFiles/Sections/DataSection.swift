package import Events
import Machine

extension RunFile {
  /// The section `data`: which events are read and how.
  package struct DataSection: Equatable, Sendable, Codable {
    /// Where the files are: an absolute path. In the run file it is relative to the run file's folder, as an override
    /// to the working directory. Default: the run file's folder.
    package var directory: String
    /// The processes. No two have the same name, and no file occurs twice. Those that are trained on are of two or more classes.
    package var processes: [ProcessFiles]
    /// The names of the features, in the order of the files.
    package var features: [String]
    /// The columns of integers that identify an event of a process. Default: none.
    package var event: [String]
    /// The columns whose product is the weight of an event. Default: none.
    package var weight: [String]
    /// Other products of columns, by name. Default: none.
    package var weightVariations: [Weighting.Variation]
    /// Of the data, in fb⁻¹, to which cross sections are scaled. Default: none.
    package var luminosity: Double?
    /// How the processes of a class count in it. Default: as their weights.
    package var share: ProcessShare
    /// The column with the class of each event, for files that hold several. Default: none.
    package var label: Label?
    /// Whether every feature is shifted to mean 0 and scaled to variance 1 over the training events. Default: true.
    package var standardize: Bool
    /// What a row of a file is. Default: a feature.
    package var layout: FileLayout
    /// The names of all rows or columns (by the layout) of files without names. Default: the names of the features.
    package var columns: [String]
    /// How text files write values. Default: decimal points, and a separator detected in each file.
    package var text: TextDialect
    /// The preprocessing. Default: none.
    package var preprocessingKeys: RunFile.PreprocessingKeys

    /// A column with the classes of events.
    package struct Label: Equatable, Sendable, Codable {
      package var column: String
      /// In the order of the network's outputs.
      package var classes: [LabelledClass]
    }

    /// A class and the values that stand for it.
    package struct LabelledClass: Equatable, Sendable, Codable {
      package var name: String
      package var values: [String]
    }
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
    var others = Set<String>()
    features =
      section["features"]?.list(orEmpty: true) { $0.text(unlike: &others) }
      ?? section.missing("features", example: "[lep_pt, lep_eta, …]", [])
    event = section["event"].flatMap(\.columns) ?? []
    weight = section["weight"].flatMap(\.columns) ?? []
    weightVariations =
      section["weight_variations"].flatMap { value in
        value.isNull
          ? nil
          : value.entries("{pu_up: [genWeight, puWeightUp]}") { name, value in
            value.list { $0.text() }.map { Weighting.Variation(name: name, columns: $0) }
          }
      } ?? []
    luminosity = section["luminosity"].flatMap { $0.isNull ? nil : $0.number(.above(0)) }
    share = section["share"]?.choice() ?? .weight
    label = section["label"].flatMap { $0.isNull ? nil : $0.section(Label.init(_:)) }
    standardize = section["standardize"]?.boolean() ?? true
    layout = section["layout"]?.choice() ?? .featuresByRow
    columns = section["columns"].flatMap(\.columns) ?? []
    text = section["text"].flatMap { $0.isNull ? nil : $0.section(TextDialect.init(_:)) } ?? TextDialect()
    preprocessingKeys = RunFile.PreprocessingKeys(section)
    checkClasses(section)
    checkScales(section)
    checkPreprocessing(section)
  }
}

extension RunFile.DataSection.Label {
  fileprivate init(_ section: RunFileSection) {
    column = section["column"]?.text() ?? section.missing("column", example: "Label", "")
    classes =
      section["classes"]?.entries("{signal: [s, 1], background: [b, 0]}") { name, value in
        value.list { $0.text() }.map { RunFile.DataSection.LabelledClass(name: name, values: $0) }
      } ?? section.missing("classes", example: "{signal: [1], background: [0]}", [])
    if classes.count == 1 { section.report("classes", "has one class; give two or more to tell apart") }
    if let (value, (first, second)) = categories.collision {
      section.report(
        "classes",
        "lists \(value.quoted) for \(classes[first].name.quoted) and \(classes[second].name.quoted); "
          + "a value belongs to one class")
    }
  }

  /// The column as it is read: a group for each class.
  package var categories: CategoryColumn {
    CategoryColumn(column: column, key: "data.label", values: classes.map(\.values))
  }
}

extension TextDialect {
  fileprivate init(_ section: RunFileSection) {
    self.init()
    separator = section["separator"].flatMap { $0.isNull ? nil : $0.choice() }
    decimal = section["decimal"]?.choice() ?? .point
    if separator == .comma, decimal == .comma {
      section.report("decimal", "is a comma, like the separator; change one of them")
    }
  }

  fileprivate var yaml: String {
    "{separator: \(separator?.rawValue.yaml ?? "null"), decimal: \(decimal.rawValue.yaml)}"
  }
}

extension RunFileValue {
  /// A list of different names of columns; none for null.
  fileprivate var columns: [String]? {
    var others = Set<String>()
    return isNull ? nil : list { $0.text(unlike: &others) }
  }
}

extension RunFile.DataSection {
  var yaml: String {
    let variations = weightVariations.map { "\($0.name.yaml): \($0.columns.yaml)" }.joined(separator: ", ")
    return """
      data:
        directory: \(directory.yaml)
        processes:
      \(processes.map { "    - \($0.yaml)" }.joined(separator: "\n"))
        features: \(features.yaml)
        event: \(event.isEmpty ? "null" : event.yaml)
        weight: \(weight.isEmpty ? "null" : weight.yaml)
        weight_variations: \(weightVariations.isEmpty ? "null" : "{\(variations)}")
        luminosity: \(luminosity?.yaml ?? "null")
        share: \(share.rawValue)
        label: \(label?.yaml ?? "null")
        standardize: \(standardize)
        layout: \(layout.rawValue)
        columns: \(columns.isEmpty ? "null" : columns.yaml)
        text: \(text == TextDialect() ? "null" : text.yaml)
      \(preprocessingKeys.yaml)
      """
  }
}

extension RunFile.DataSection.Label {
  fileprivate var yaml: String {
    let classes = classes.map { "\($0.name.yaml): \($0.values.yaml)" }.joined(separator: ", ")
    return "{column: \(column.yaml), classes: {\(classes)}}"
  }
}
