package import Events
import Machine

// The elements of the list `data.processes`, and the classes and scales that follow from them.

extension ProcessFiles {
  init(_ section: RunFileSection, names: inout Set<String>, files others: inout Set<String>) {
    self.init(
      name: section["name"]?.text(unlike: &names) ?? section.missing("name", example: "signal", ""),
      files: section["files"]?.list { $0.filePath(unlike: &others) }
        ?? section.missing("files", example: "[signal.txt]", []))
    className = section["class"]?.text()
    use = section["use"]?.choice() ?? .train
    weightFiles = section["weight_files"]?.list { $0.filePath(unlike: &others) } ?? []
    scale = section["scale"]?.number(.above(0))
    crossSection = section["cross_section"]?.number(.above(0))
    sumWeights = section["sum_weights"]?.number(.above(0))
    if !weightFiles.isEmpty, weightFiles.count != files.count {
      section.report("weight_files", "is a list of \(weightFiles.count); give one for each of files (\(files.count))")
    }
    if scale != nil, let other = crossSection != nil ? "cross_section" : sumWeights != nil ? "sum_weights" : nil {
      section.report("scale", "stands beside \(other), which gives the scale too; keep one of them")
    }
    guard use == .data else { return }
    for (key, isThere) in [
      ("weight_files", !weightFiles.isEmpty), ("scale", scale != nil), ("cross_section", crossSection != nil),
      ("sum_weights", sumWeights != nil),
    ] where isThere {
      section.report(key, "is of no use for recorded data, whose events weigh 1; remove it, or use: evaluate")
    }
  }

  var yaml: String {
    var keys = ["name: \(name.yaml)", "files: \(files.yaml)"]
    if let className { keys.insert("class: \(className.yaml)", at: 1) }
    if use != .train { keys.append("use: \(use.rawValue)") }
    if !weightFiles.isEmpty { keys.append("weight_files: \(weightFiles.yaml)") }
    if let scale { keys.append("scale: \(scale.yaml)") }
    if let crossSection { keys.append("cross_section: \(crossSection.yaml)") }
    if let sumWeights { keys.append("sum_weights: \(sumWeights.yaml)") }
    return "{\(keys.joined(separator: ", "))}"
  }
}

extension RunFile.DataSection {
  /// The classes in the order of the network's outputs: those of the labels, or of the processes that are trained on, in the order in
  /// which they occur first.
  package var classNames: [String] {
    if let label { return label.classes.map(\.name) }
    var seen = Set<String>()
    return processes.filter { $0.use == .train }.map { $0.className ?? $0.name }.filter { seen.insert($0).inserted }
  }

  /// The classes, and what each process is for.
  package var classes: EventClasses {
    let names = classNames
    return EventClasses(
      names: names,
      roles: processes.map { process in
        let own = label != nil && process.use == .train ? process.className : process.className ?? process.name
        return ProcessRole(
          process.use, className: own.flatMap { names.contains($0) ? $0 : nil }, scale: scale(of: process))
      }, labels: label?.categories)
  }

  /// What the weights of a process are multiplied by; nil where nothing says so. 1 pb · fb⁻¹ = 1000.
  private func scale(of process: ProcessFiles) -> Double? {
    if let scale = process.scale { return scale }
    guard let crossSection = process.crossSection, let sumWeights = process.sumWeights, let luminosity else {
      return nil
    }
    return crossSection * 1000 * luminosity / sumWeights
  }

  func checkClasses(_ section: RunFileSection) {
    let names = classNames
    if processes.count == 1, label == nil {
      section.report("processes", "has one process; give two or more to tell apart")
    } else if !processes.isEmpty, !processes.contains(where: { $0.use == .train }) {
      section.report("processes", "has no process to train on; give at least one use: train")
    } else if !processes.isEmpty, names.count < 2, label == nil {
      section.report("processes", "has one class to train on, \(names.joined().quoted); give two or more to tell apart")
    }
    for (index, process) in processes.enumerated() {
      let place = "has [\(index)].class: \((process.className ?? "").quoted)"
      if let name = process.className, !names.contains(name) {
        let wanted = label == nil ? "a class that is trained on" : "one of data.label"
        section.report("processes", "\(place), which is not \(wanted): \(names.joined(separator: ", "))")
      } else if let name = process.className, name != process.name, label == nil,
        let other = processes.first(where: { $0.name == name }), (other.className ?? other.name) != name
      {
        section.report(
          "processes",
          "\(place), and process \(name.quoted) is of class \((other.className ?? "").quoted); give the class "
            + "another name")
      }
    }
  }

  func checkScales(_ section: RunFileSection) {
    for (index, process) in processes.enumerated() {
      guard process.crossSection != nil || process.sumWeights != nil, process.use != .data else { continue }
      let missing = [
        ("cross_section (pb)", process.crossSection == nil), ("sum_weights", process.sumWeights == nil),
        ("data.luminosity (fb^-1)", luminosity == nil),
      ].filter(\.1).map(\.0)
      if !missing.isEmpty {
        section.report(
          "processes",
          "[\(index)] has no scale without \(missing.joined(separator: " and ")): it is cross_section × 1000 × luminosity / "
            + "sum_weights")
      }
    }
    if luminosity != nil, !processes.contains(where: { $0.crossSection != nil }) {
      section.report("luminosity", "scales nothing; give processes their cross_section (pb) and sum_weights")
    }
  }
}
