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
    var request = run.data.request
    if let layout { request.layout = layout }
    request.isOfModel = true
    // Identities are only needed to split the events of a run.
    request.identity = []
    try EventMemory(
      [ProcessFiles(name: "", files: [file])], directory: ".", request,
      features: trained.preprocessing == nil ? nil : trained.featureNames.count,
      hasStore: false,
      completing: { request, _ in trained.preprocessing?.preprocessing.complete(&request) }
    ).require(perEvent: bytesPerEvent)
    return try readInputs(file, request, trained.preprocessing)
  }

  /// The file to write, which must differ from the events, the model and the files it was trained on.
  package func output(_ output: String, of file: String, _ run: RunFile) throws -> OutputFile {
    let trainedOn = run.data.processes.flatMap {
      $0.paths(in: run.data.directory) + $0.weightPaths(in: run.data.directory)
    }
    let destination = try OutputFile(output, inputs: [file, path] + trainedOn)
    try RunFolder.requireNoFileOfARun(output)
    return destination
  }
}
