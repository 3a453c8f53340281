extension EventScan {
  /// Consecutive events of a file, and what the scan found in them.
  struct Chunk: Sendable {
    /// Their indices in the file.
    let events: Range<Int>
    let source: Int
    /// The index of the first of them in its process.
    let firstOfProcess: Int
    /// The number of events for each use.
    var counts = EventCounts()
    /// The use of each event.
    var uses: [EventUse] = []
    /// The other columns that were read.
    var extra = ExtraColumns.Values()
    /// For each class, or for all events if they have no labels.
    var groups: [EventGroup] = []
    /// For each term of the selection the events that fail it first, then those that pass all; empty without a selection.
    var cuts: [SelectedEvents] = []
    /// The results for a check, if there is one.
    var survey: ChunkSurvey?

    /// Divides all events of a process into chunks.
    static func chunks(of process: ProcessEvents) -> [Chunk] {
      var chunks: [Chunk] = []
      var first = 0
      for (source, events) in process.sources.enumerated() {
        for chunk in EventChunk.chunks(of: events.events) {
          chunks.append(Chunk(events: chunk, source: source, firstOfProcess: first + chunk.lowerBound))
        }
        first += events.events
      }
      return chunks
    }
  }
}
