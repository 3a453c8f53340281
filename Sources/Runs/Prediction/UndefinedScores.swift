/// Events of a file whose scores are not finite.
struct UndefinedScores: Codable, Equatable, Sendable {
  /// Some events of a file: their number, and that of the first of them in the file, from 0.
  struct Events: Codable, Equatable, Sendable {
    var count = 0
    var first = Int.max

    mutating func add(_ other: Events) {
      count += other.count
      first = min(first, other.first)
    }
  }

  /// The number of the file.
  var file: Int
  /// Those that fail the selection and have inputs that cannot be computed.
  var cutAway = Events()
  /// Those with features so far beyond those of the training that they leave float32 on their way through the network.
  var far = Events()

  /// The events among those with these inputs and scores, (events, …) each, the first of which is number `first` in its file; nil if
  /// there are none.
  init?(_ scores: [Float], classes: Int, inputs: [Float], features: Int, first: Int, file: Int) {
    var notFinite: UInt32 = 0
    let span = scores.span
    // Sets the highest bit if the exponent has all of its bits: a loop that the compiler makes a vector loop.
    for index in span.indices { notFinite |= (span[index].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
    guard notFinite >> 31 != 0 else { return nil }
    self.file = file
    for event in 0..<scores.count / classes {
      guard scores[event * classes..<(event + 1) * classes].contains(where: { !$0.isFinite }) else { continue }
      let isCutAway = inputs[event * features..<(event + 1) * features].contains(where: \.isNaN)
      let found = Events(count: 1, first: first + event)
      if isCutAway { cutAway.add(found) } else { far.add(found) }
    }
  }

  mutating func add(_ other: UndefinedScores) {
    cutAway.add(other.cutAway)
    far.add(other.far)
  }
}
