package import Events
package import Machine
package import RunFiles
import Training

// What `predict` and `features` do with a file of events.

extension ModelFile {
  /// The inputs of the network for all events of a file. `bytesPerEvent` are what an event takes beyond them.
  package func inputs(
    of file: String, _ run: RunFile, layout: FileLayout?, bytesPerEvent: Double
  ) throws -> EventTable {
    let trained = checkpoint.model
    var request = run.data.request
    if let layout { request.layout = layout }
    request.isOfModel = true
    // Identities are for telling the events of a run apart.
    request.identity = []
    try EventMemory(
      [ProcessFiles(name: "", files: [file])], directory: ".", request,
      features: trained.preprocessing == nil ? nil : trained.featureNames.count,
      hasStore: false,
      completing: { request, _ in trained.preprocessing?.preprocessing.complete(&request) }
    ).require(perEvent: bytesPerEvent)
    return try readInputs(file, request, trained.preprocessing)
  }

  /// The file to write, which must be none of those that its content comes from: the events, the model, what it was trained on.
  package func output(_ output: String, of file: String, _ run: RunFile) throws -> OutputFile {
    let trainedOn = run.data.processes.flatMap {
      $0.paths(in: run.data.directory) + $0.weightPaths(in: run.data.directory)
    }
    let destination = try OutputFile(output, inputs: [file, path] + trainedOn)
    try RunFolder.requireNoFileOfARun(output)
    return destination
  }
}
