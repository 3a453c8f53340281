import Machine

/// The network's inputs for all events of a file that belongs to no process: the requested features, or the results of a preprocessing.
/// Contains all events; if an event fails the selection and a feature of it cannot be computed, that feature is NaN.
/// - Throws: the first error in the file.
public func readInputs(
  _ path: String, _ request: EventRequest, _ fitted: FittedPreprocessing?
) throws(DataError) -> EventTable {
  guard let fitted else { return try readEventsAlone(path, request) }
  let preprocessor = try Preprocessor(of: fitted)
  var request = request
  fitted.preprocessing.complete(&request)
  return try readEventsAlone(path, request) { source throws(DataError) in
    let inputs = InputEvents(source, preprocessor, path: path)
    let chunks = EventChunk.chunks(of: source.events)
    var values: [Float] = []
    values.reserveCapacity(source.events * inputs.features)
    for first in stride(from: 0, to: chunks.count, by: 64) {
      let parts = concurrentMap(min(64, chunks.count - first)) { index -> Result<[Float], EventFault> in
        let chunk = chunks[first + index]
        var values = [Float](repeating: 0, count: chunk.count * inputs.features)
        var span = values.mutableSpan
        do throws(EventFault) { try inputs.read(chunk, to: &span) } catch { return .failure(error) }
        return .success(values)
      }
      try EventFault.throwFirst(parts.compactMap { if case .failure(let fault) = $0 { fault } else { nil } })
      for case .success(let part) in parts { values += part }
    }
    return EventTable(features: inputs.features, values: values, columnNames: preprocessor.inputNames)
  }
}
