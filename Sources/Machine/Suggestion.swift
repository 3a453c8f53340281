/// The one of `names` that `text` most likely misspells: at most a third of its letters wrong, by `editDistance`.
public func nearest(to text: String, in names: [String]) -> String? {
  let letters = Array(text.utf8)
  let candidates = names.compactMap { name -> (name: String, distance: Int)? in
    let limit = max(1, name.utf8.count / 3)
    // Every surplus letter counts, so a text of megabytes need not be compared at all.
    guard abs(name.utf8.count - letters.count) <= limit else { return nil }
    let distance = editDistance(letters, Array(name.utf8))
    return distance <= limit ? (name, distance) : nil
  }
  return candidates.min { $0.distance < $1.distance }?.name
}

/// The number of letters to insert, remove, replace or swap with their neighbour that leads from `a` to `b`
/// (optimal string alignment distance; Damerau, CACM 7 (1964) 171).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var distance = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, beforePrevious[j - 1] + 1) }
      current.append(distance)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
