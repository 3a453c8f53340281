package import Events
package import Machine
package import RunFiles
import Training

// The part that `predict` and `features` share.

extension ModelFile {
  /// The network's inputs for all events of a file. `bytesPerEvent` is the memory that an event needs besides them.
  package func inputs(
    of file: String, _ run: RunFile, layout: FileLayout?, bytesPerEvent: Double
  ) throws -> EventTable {
    let trained = checkpoint.model
    let request = Self.request(run, layout)
    try EventMemory(
      [ProcessFiles(name: "", files: [file])], directory: ".", request,
      features: trained.preprocessing == nil ? nil : trained.featureNames.count,
      hasStore: false,
      completing: { request, _ in trained.preprocessing?.preprocessing.complete(&request) }
    ).require(perEvent: bytesPerEvent)
    return try readInputs(file, request, trained.preprocessing)
  }

  /// What a model takes from a file of events.
  fileprivate static func request(_ run: RunFile, _ layout: FileLayout?) -> EventRequest {
    var request = run.data.request
    if let layout { request.layout = layout }
    request.isOfModel = true
    // Identities are only needed to split the events of a run.
    request.identity = []
    return request
  }

  /// The file to write, which must differ from the events, the model and the files it was trained on.
  package func output(_ output: String, of files: [String], _ run: RunFile) throws -> OutputFile {
    let trainedOn = run.data.processes.flatMap {
      $0.paths(in: run.data.directory) + $0.weightPaths(in: run.data.directory)
    }
    let destination = try OutputFile(output, inputs: files + [path] + trainedOn)
    try RunFolder.requireNoFileOfARun(output)
    return destination
  }
}

extension Checkpoint {
  /// Reads the inputs of its network from files of events.
  package func inputFiles(_ run: RunFile, layout: FileLayout?) throws(DataError) -> InputFiles {
    try InputFiles(ModelFile.request(run, layout), model.preprocessing)
  }
}
