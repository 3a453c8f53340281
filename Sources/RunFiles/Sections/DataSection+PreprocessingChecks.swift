import Events
import Expressions
import Machine

extension RunFile.DataSection {
  /// Reports errors in the combination of keys.
  func checkPreprocessing(_ section: RunFileSection) {
    if inputNames.isEmpty, section.has("features") {
      // With derived variables, data.features may be empty.
      section.report(
        "features",
        "is an empty list; give "
          + (preprocessingKeys.derived == nil ? "" : "at least one feature in data.derived, or here ")
          + "a list of one or more names, such as [a, b]")
    }
    guard let preprocessing else { return }
    let keys = preprocessingKeys
    let (names, sums) = (objects.map(\.name), keys.derived?.sums.map(\.name) ?? [])
    func requireObject(_ name: String, _ key: String) {
      guard !names.contains(name) else { return }
      if sums.contains(name) {
        return section.report(key, "names \(name.quoted), which is a sum of objects; name an object that has columns")
      }
      let near = nearest(to: name, in: names).map { "did you mean \($0.quoted)? " } ?? ""
      section.report(
        key,
        "names \(name.quoted), which is not an object; \(near)an object is the common prefix of columns …_pt, …_eta, …_phi in "
          + "data.features or data.columns, or an entry of data.derived.objects "
          + (names.isEmpty ? "(there are none)" : "(known: \(names.joined(separator: ", ")))")
      )
    }
    if case .of(let wanted) = keys.derived?.standard { for name in wanted { requireObject(name, "derived") } }
    if let rotate = keys.rotate { requireObject(rotate, "transform") }
    var seen = Set(features + names.filter(sums.contains))
    for definition in preprocessing.definitions where !seen.insert(definition.name).inserted {
      section.report("derived", "defines \(definition.name.quoted), which already exists; give it another name")
    }
    let known = preprocessing.features.map(\.name)
    for name in keys.transform.map(\.feature) where !known.contains(where: { $0.matches(pattern: name) }) {
      let near =
        nearest(to: name, in: known).map { "did you mean \($0.quoted)?" }
        ?? "features: \(known.joined(separator: ", "))"
      section.report("transform", "names \(name.quoted), which is not a feature; \(near)")
    }
    if case .of(let flags) = keys.missing?.flag {
      for name in flags where !known.contains(name) {
        section.report("missing", "has flag: \(name.quoted), which is not a feature; name one of data.features")
      }
    }
    var inputs = Set<String>()
    for name in preprocessing.inputNames where !inputs.insert(name).inserted {
      section.report("transform", "gives two inputs the name \(name.quoted); rename one of the features")
    }
    if case .constant(let fill) = preprocessing.missing?.fill {
      do throws(DefinitionError) { _ = try preprocessing.transformed(preprocessing.features.map { _ in fill }) } catch {
        section.report(
          "missing",
          "has fill: \(fill), for which the transforms of \(error.name.quoted) are undefined (\(error.error.what)); give median, mean "
            + "or another number")
      }
    }
    do throws(DefinitionError) {
      try preprocessing.requireObjects(sums)
      for name in try preprocessing.columns() where !columns.isEmpty && !(columns + features).contains(name) {
        report(unknownColumn: name, preprocessing, section)
      }
    } catch {
      let isDerived = preprocessing.definitions.contains { $0.name == error.name }
      let key =
        error.name == Definitions.selectionName && !isDerived ? "selection" : isDerived ? "derived" : "transform"
      section.report(key, (key == "selection" ? "" : "for \(error.name.quoted) ") + "has an error at \(error.error)")
    }
  }

  /// Notes a column of no file: data.columns names all.
  private func report(unknownColumn name: String, _ preprocessing: Preprocessing, _ section: RunFileSection) {
    let isInSelection = preprocessing.selection.map { Definitions.names(in: $0).contains(name) } ?? false
    let user =
      preprocessing.definitions.first { Definitions.names(in: $0.text).contains(name) }?.name
      ?? objects.first { $0.columns.contains(name) }?.name
    let near =
      nearest(to: name, in: columns).map { "did you mean \($0.quoted)?" }
      ?? "known: \(columns.prefix(30).joined(separator: ", "))\(columns.count > 30 ? ", …" : "")"
    section.report(
      isInSelection ? "selection" : "derived",
      (isInSelection ? "" : user.map { "for \($0.quoted) " } ?? "")
        + "names \(name.quoted), which is no column of data.columns and no derived feature; \(near)")
  }
}
