import Machine
import Numerics

extension EventScan {
  /// The values that a preprocessor computes for one in `every` training events: (outputs, events), NaN if missing. `selector` decides
  /// which events are selected.
  static func sample(
    _ processes: [ProcessEvents], _ classes: EventClasses, _ preprocessor: Preprocessor, _ selector: FeatureReader,
    every: Int, _ columns: [ExtraColumns], _ splits: [Split.Process], _ rule: TrainingRule
  ) throws(DataError) -> [[Double]] {
    var sample = [[Double]](repeating: [], count: preprocessor.inputNames.count)
    // Random, since the selection may accept, say, every other event.
    let random = CounterRandom(seed: 0, stream: RandomStream.preprocessing)
    let isDrawn = { @Sendable (event: UInt64) in every == 1 || random.uniform(event) * Double(every) < 1 }
    for (number, process) in processes.enumerated() where classes.roles[number].use == .train {
      let chunks = Chunk.chunks(of: process)
      let groups = classes.hasLabels(process: number) ? classes.names.count : 1
      let found = concurrentMap(chunks.count) { index -> Result<[[Double]], EventFault> in
        let chunk = chunks[index]
        let path = process.path(ofSource: chunk.source)
        // Decides which events are used for training.
        let part = Part(
          process, chunk, selector, sampleEvery: nil, columns[number], splits[number], groups: groups, rule)
        if let fault = part.fault { return .failure(fault) }
        let chosen = part.uses.indices.filter {
          part.uses[$0] == .training && isDrawn(UInt64(chunk.firstOfProcess + $0))
        }
        do throws(EventFault) {
          return .success(
            try preprocessor.values(process.sources[chunk.source], chunk.events, at: chosen, path: path))
        } catch { return .failure(error) }
      }
      try throwFirst(found.map { if case .failure(let fault) = $0 { fault } else { nil } }, of: chunks)
      for case .success(let values) in found {
        for output in sample.indices { sample[output] += values[output] }
      }
    }
    return sample
  }
}
