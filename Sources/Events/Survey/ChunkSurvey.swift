/// What a survey finds in a chunk of events.
struct ChunkSurvey: Sendable {
  /// Of each feature.
  private(set) var columns: [ColumnRange]
  /// Of each event a hash of the bits of its features.
  private(set) var hashes: [UInt64]
  /// The places in the chunk of the events that are looked at closely, and their values: (events, features).
  private(set) var places: [Int]
  private(set) var values: [Float] = []
  /// Which events have a value that is not finite; empty where none has.
  private(set) var notFinite: [Bool] = []
  var weights: WeightRange?

  /// Looks at events whose `values` are (events, features); the first of them is number `first` in its file.
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

  /// The same of those events alone that stand at the places `selected`.
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
    // By their places among all events of the chunk.
    if !notFinite.isEmpty {
      var all = [Bool](repeating: false, count: (selected.last ?? -1) + 1)
      for (event, place) in zip(notFinite, selected) { all[place] = event }
      notFinite = all
    }
  }

  /// Leaves out what is known event by event, where something else of the events cannot be used.
  mutating func forgetEvents() { (hashes, places, values, notFinite) = ([], [], [], []) }
}

private func allFinite(_ values: Span<Float>) -> Bool {
  var notFinite: UInt32 = 0
  // Sets the highest bit if the exponent has all of its bits: a loop that the compiler makes a vector loop.
  for index in values.indices { notFinite |= (values[index].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
  return notFinite >> 31 == 0
}

/// The smallest and largest value of each feature of at least one event.
private func extremes(_ values: Span<Float>, events: Int, features: Int) -> (low: [Float], high: [Float]) {
  var low = (0..<features).map { values[$0] }
  var high = low
  // SAFETY: features and events lie within the arrays and, as `ChunkSurvey` makes sure, the values.
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

/// A hash of 64 bits of the values of each event: two of a million different events share one by a chance of 3 · 10⁻⁸.
private func rowHashes(_ values: Span<Float>, events: Int, features: Int) -> [UInt64] {
  var hashes = [UInt64](repeating: 0, count: events)
  let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
  // SAFETY: as above; a last value without a partner is read alone.
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

/// Both halves of the product: each bit of the result depends on all bits.
@inline(__always)
private func mixed(_ value: UInt64, _ multiplier: UInt64) -> UInt64 {
  let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: multiplier)
  return product.high ^ product.low
}
