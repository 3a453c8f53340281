import Machine
import Numerics

extension EventScan {
  /// The values that a preprocessor computes for one in `every` training events: (outputs, events), NaN if missing. `selector` decides
  /// which events are selected. With `allowsUnusable`, unusable values are skipped, and an expression left without any value gets 1;
  /// `isWhole` is then false, as larger samples would not help.
  static func sample(
    _ processes: [ProcessEvents], _ classes: EventClasses, _ preprocessor: Preprocessor, _ selector: FeatureReader,
    every: Int, _ columns: [ExtraColumns], _ splits: [Split.Process], _ rule: TrainingRule, allowsUnusable: Bool
  ) throws(DataError) -> (values: [[Double]], isWhole: Bool) {
    var sample = [[Double]](repeating: [], count: preprocessor.inputNames.count)
    var unusableValues = UnusableValues()
    var hasFaults = false
    // Random, since the selection may accept, say, every other event.
    let random = CounterRandom(seed: 0, stream: RandomStream.preprocessing)
    let isDrawn = { @Sendable (event: UInt64) in every == 1 || random.uniform(event) * Double(every) < 1 }
    for (number, process) in processes.enumerated() where classes.roles[number].use == .train {
      let chunks = Chunk.chunks(of: process)
      let groups = classes.hasLabels(process: number) ? classes.names.count : 1
      let found = concurrentMap(chunks.count) {
        index -> Result<(values: [[Double]], unusable: UnusableValues?, isFaulty: Bool), EventFault> in
        let chunk = chunks[index]
        let path = process.path(ofSource: chunk.source)
        // Decides which events are used for training.
        let part = Part(
          process, chunk, selector, sampleEvery: nil, columns[number], splits[number], groups: groups, rule,
          unusable: allowsUnusable ? UnusableValues() : nil)
        if let fault = part.fault {
          // The scan reports it.
          return allowsUnusable ? .success((preprocessor.inputNames.map { _ in [] }, nil, true)) : .failure(fault)
        }
        let chosen = part.uses.indices.filter {
          part.uses[$0] == .training && isDrawn(UInt64(chunk.firstOfProcess + $0))
        }
        var unusable = allowsUnusable ? UnusableValues() : nil
        do throws(EventFault) {
          let values = try preprocessor.values(
            process.sources[chunk.source], chunk.events, at: chosen, path: path, &unusable)
          return .success((values, unusable, part.unusable?.found.isEmpty == false))
        } catch { return .failure(error) }
      }
      try throwFirst(found.map { if case .failure(let fault) = $0 { fault } else { nil } }, of: chunks)
      for case .success(let part) in found {
        for output in sample.indices { sample[output] += part.values[output] }
        if let unusable = part.unusable { unusableValues.append(unusable) }
        hasFaults = hasFaults || part.isFaulty
      }
    }
    let kinds = unusableValues.found.map(\.kind)
    for (output, name) in preprocessor.inputNames.enumerated() where sample[output].allSatisfy(\.isNaN) {
      if hasFaults || kinds.contains(where: { $0.name == name || $0.reason == .column }) { sample[output].append(1) }
    }
    return (sample, !hasFaults && kinds.isEmpty)
  }
}
