extension RunFile {
  /// The keys that an override can name, `training.optimizer.learning_rate` among them, in the order in which sections read them:
  /// those of the default optimiser, and none within lists.
  package static let keys: [String] = {
    let smallest = "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x]}"
    guard let document = try? RunFileDocument(yaml: smallest, named: "", overrides: []) else { return [] }
    _ = RunFile(document, named: "")
    return document.keysOutsideLists.map { $0.joined(separator: ".") }
  }()
}
