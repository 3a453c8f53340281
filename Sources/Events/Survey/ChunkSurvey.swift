/// The survey of one chunk of events.
struct ChunkSurvey: Sendable {
  /// The range of each feature.
  private(set) var columns: [ColumnRange]
  /// A hash of the bits of the features, for each event.
  private(set) var hashes: [UInt64]
  /// The positions in the chunk of the sampled events, and their values: (events, features).
  private(set) var places: [Int]
  private(set) var values: [Float] = []
  /// Which events have a non-finite value; empty if none has.
  private(set) var notFinite: [Bool] = []
  var weights: WeightRange?

  /// Surveys events with `values` (events, features), of which the first has index `first` in its file.
  init(_ values: Span<Float>, events: Int, features: Int, first: Int, sampling places: [Int]) {
    precondition(events * features <= values.count)
    self.places = places
    let areFinite = allFinite(values.extracting(0..<events * features))
    hashes = rowHashes(values, events: events, features: features)
    columns = Array(repeating: ColumnRange(), count: features)
    if areFinite, events > 0 {
      let (low, high) = extremes(values, events: events, features: features)
      for feature in 0..<features {
        (columns[feature].minimum, columns[feature].maximum) = (low[feature], high[feature])
      }
    } else {
      notFinite = Array(repeating: false, count: events)
      for event in 0..<events {
        for feature in 0..<features {
          let value = values[event * features + feature]
          columns[feature].add(value, event: first + event)
          if !value.isFinite { notFinite[event] = true }
        }
      }
    }
    self.values.reserveCapacity(places.count * features)
    for place in places {
      for feature in 0..<features { self.values.append(values[place * features + feature]) }
    }
  }

  /// Surveys only the events at the positions `selected`.
  init(selected: [Int], _ values: Span<Float>, features: Int, first: Int, sampling places: [Int]) {
    var compact: [Float] = []
    compact.reserveCapacity(selected.count * features)
    for event in selected { for feature in 0..<features { compact.append(values[event * features + feature]) } }
    let numbers = Dictionary(uniqueKeysWithValues: zip(selected, selected.indices))
    let sampled = places.filter { numbers[$0] != nil }
    self.init(
      compact.span, events: selected.count, features: features, first: first,
      sampling: sampled.compactMap { numbers[$0] })
    self.places = sampled
    // By position among all events of the chunk.
    if !notFinite.isEmpty {
      var all = [Bool](repeating: false, count: (selected.last ?? -1) + 1)
      for (event, place) in zip(notFinite, selected) { all[place] = event }
      notFinite = all
    }
  }

  /// Drops the results for single events if other columns of the events are unusable.
  mutating func forgetEvents() { (hashes, places, values, notFinite) = ([], [], [], []) }
}

private func allFinite(_ values: Span<Float>) -> Bool {
  var notFinite: UInt32 = 0
  // Sets the highest bit if all bits of the exponent are set: a loop that the compiler vectorises.
  for index in values.indices { notFinite |= (values[index].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
  return notFinite >> 31 == 0
}

/// The smallest and largest value of each feature, for at least one event.
private func extremes(_ values: Span<Float>, events: Int, features: Int) -> (low: [Float], high: [Float]) {
  var low = (0..<features).map { values[$0] }
  var high = low
  // SAFETY: features and events lie within the arrays and, as `ChunkSurvey` guarantees, within the values.
  unsafe low.withUnsafeMutableBufferPointer { low in
    unsafe high.withUnsafeMutableBufferPointer { high in
      unsafe values.withUnsafeBufferPointer { values in
        for event in 1..<max(1, events) {
          let row = event &* features
          for feature in 0..<features {
            let value = unsafe values[row &+ feature]
            unsafe low[feature] = value < low[feature] ? value : low[feature]
            unsafe high[feature] = value > high[feature] ? value : high[feature]
          }
        }
      }
    }
  }
  return (low, high)
}

/// A 64-bit hash of the values of each event: the chance that any two of a million distinct events share one is 3 · 10⁻⁸.
private func rowHashes(_ values: Span<Float>, events: Int, features: Int) -> [UInt64] {
  var hashes = [UInt64](repeating: 0, count: events)
  let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
  // SAFETY: as above; an unpaired last value is read alone.
  unsafe hashes.withUnsafeMutableBufferPointer { hashes in
    unsafe values.withUnsafeBufferPointer { values in
      for event in 0..<events {
        let row = event &* features
        var hash = UInt64(truncatingIfNeeded: features)
        var feature = 0
        while feature &+ 1 < features {
          let low = unsafe UInt64(values[row &+ feature].bitPattern)
          let high = unsafe UInt64(values[row &+ feature &+ 1].bitPattern)
          hash = mixed(hash ^ (low | high << 32), multiplier)
          feature &+= 2
        }
        if feature < features {
          hash = unsafe mixed(hash ^ UInt64(values[row &+ feature].bitPattern), multiplier)
        }
        unsafe hashes[event] = mixed(hash, 0xD6E8_FEB8_6659_FD93)
      }
    }
  }
  return hashes
}

/// Combines both halves of the product, so that each bit of the result depends on all input bits.
@inline(__always)
private func mixed(_ value: UInt64, _ multiplier: UInt64) -> UInt64 {
  let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: multiplier)
  return product.high ^ product.low
}
