import Events
import Formats
import Machine

/// What windows on packed files have in these checks: each is made anew, and a large one takes long.
private let largeWindow = 1 << 16

extension FuzzReader {
  /// What a gzip file holds gives the same whatever the window, and the same as without gzip; a file that is damaged or cut off
  /// anywhere is refused.
  func checkGzip(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let isPacked = bytes.starts(with: [0x1F, 0x8B])
    let unpacked = isPacked ? gunzipped(bytes) : bytes
    var accepted = false
    for layout in FileLayout.allCases {
      for request in [EventRequest(layout: layout), .ofSeeds(layout)] {
        let path = try folder.write("events", bytes)
        let whole = try outcome(path, request, windowSize: largeWindow)
        for windowSize in [300, 1000] {
          if isLongerThan(windowSize, unpacked ?? bytes) { continue }
          let found = try outcome(path, request, windowSize: windowSize)
          // What is damaged may have other faults, of which the window says which is seen first.
          try require(
            found.isLimit(of: windowSize) || (unpacked == nil ? found.isLike(whole) : found == whole),
            "\(layout), window \(windowSize): \(found) instead of \(whole)")
        }
        if case .table = whole { accepted = true }
        guard let unpacked else {
          guard case .error = whole else { throw Violation("a damaged file was accepted: \(whole)") }
          continue
        }
        // Only one frame is taken off.
        if isPacked, unpacked.starts(with: [0x1F, 0x8B]) || unpacked.starts(with: zipMagic) { continue }
        let plain = try outcome(try folder.write("events", unpacked), request, windowSize: largeWindow)
        try require(whole.isLike(plain), "\(whole) packed, \(plain) unpacked")
      }
    }
    let path = try folder.write("events", bytes)
    let windowSizes = unpacked.map { unpacked in [300, 1000].filter { !isLongerThan($0, unpacked) } }
    try requireSameWeights(path, windowSizes: windowSizes ?? [])
    _ = EventMemory([ProcessFiles(name: "it", files: [path])], directory: "", EventRequest(layout: .eventsByRow))
    return accepted
  }

  /// An archive gives the same whatever the window, and written again its table is read again.
  func checkNpz(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let path = try folder.write("events.npz", bytes)
    var accepted = false
    for layout in FileLayout.allCases {
      for request in [EventRequest(layout: layout), .ofSeeds(layout)] {
        let whole = try outcome(path, request, windowSize: 1 << 20)
        for windowSize in [150, 1000] {
          let found = try outcome(path, request, windowSize: windowSize)
          try require(
            found.isLimit(of: windowSize) || found == whole || isLongerThan(windowSize, bytes),
            "\(layout), window \(windowSize): \(found) instead of \(whole)")
        }
        guard case .table(let table) = whole else { continue }
        accepted = true
        try requireSameAgain(table, in: folder)
        // What is wanted of a file is found without the rest of it. In text with a single column that nobody wants, a comment may
        // be a value.
        guard bytes.starts(with: zipMagic) else { continue }
        var numbers = request
        numbers.takesFeatures = false
        guard case .table(let found) = try outcome(path, numbers, windowSize: 1000) else {
          throw Violation("without features the file is refused: \(try outcome(path, numbers, windowSize: 1000))")
        }
        try require(found.numbers == table.numbers && found.events == table.events, "without features: \(found)")
      }
      _ = EventMemory([ProcessFiles(name: "it", files: [path])], directory: "", EventRequest(layout: layout))
      do {
        _ = try readProcesses(
          [ProcessFiles(name: "it", files: [path], weightFiles: [])], directory: "", EventRequest.ofSeeds(layout))
      } catch { try requireOneLine(error.description) }
    }
    try requireSameWeights(path, windowSizes: [150, 1000])
    return accepted
  }
}

extension EventRequest {
  /// The same in windows of another size.
  fileprivate func windows(of size: Int, pieces: Int = 1 << 19) -> EventRequest {
    var request = self
    (request.windowSize, request.pieceSize) = (size, pieces)
    return request
  }
}

private func outcome(_ path: String, _ request: EventRequest, windowSize: Int) throws(Violation) -> Outcome {
  try outcome(path, request.windows(of: windowSize, pieces: windowSize / 3))
}

/// What a gzip file holds, unpacked in one go; nil if it is damaged anywhere.
private func gunzipped(_ bytes: [UInt8]) -> [UInt8]? {
  var (unpacked, rest) = ([UInt8](), bytes[...])
  repeat {
    let inflater = Inflater(.gzip)
    var isAtEnd = false
    while !isAtEnd {
      var room = [UInt8](repeating: 0, count: 1 << 16)
      var span = room.mutableSpan
      guard let progress = try? inflater.inflate(Array(rest).span, into: &span, from: 0),
        progress.taken + progress.given > 0 || progress.isAtEnd
      else { return nil }
      unpacked += room[..<progress.given]
      rest = rest.dropFirst(progress.taken)
      isAtEnd = progress.isAtEnd
    }
    rest = rest.drop { $0 == 0 }
  } while !rest.isEmpty
  return unpacked
}

/// The bytes of a file, packed into a gzip file of one member or several, give what they give unpacked; cut off, it is refused.
func requireSameUnpacked(_ bytes: [UInt8], in folder: FuzzFolder) throws {
  // Only one frame is taken off.
  if bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: zipMagic) { return }
  let cut = bytes.count * Int(bytes.last ?? 0) / 256
  let (head, tail) = (Array(bytes[..<cut]), Array(bytes[cut...]))
  let packed = [gzip(bytes), gzip(head, block: 7) + gzip([]) + gzip(tail) + [UInt8](repeating: 0, count: cut % 3)]
  for request in [EventRequest(layout: .eventsByRow), .ofSeeds(.eventsByRow)] {
    let plain = try outcome(try folder.write("same", bytes), request, windowSize: largeWindow)
    for packed in packed {
      let path = try folder.write("same", packed)
      let whole = try outcome(path, request, windowSize: largeWindow)
      try require(
        bytes.starts(with: npyMagic) ? whole.isLike(plain) : whole == plain, "\(whole) packed, \(plain) unpacked")
      if isLongerThan(200, bytes) { continue }
      let found = try outcome(path, request, windowSize: 200)
      try require(found.isLimit(of: 200) || found == whole, "packed, window 200: \(found) instead of \(whole)")
    }
    let short = try folder.write("same", packed[0].dropLast(1 + cut % (packed[0].count - 3)))
    guard case .error = try outcome(short, request, windowSize: largeWindow) else {
      throw Violation("a gzip file that is cut off was accepted")
    }
  }
}

/// The bytes of a `.npy` file give the same as the only array of an archive, however that is written.
func requireSameArchived(_ bytes: [UInt8], in folder: FuzzFolder) throws {
  for request in [EventRequest(layout: .featuresByRow), .ofSeeds(.eventsByRow)] {
    let plain = try outcome(try folder.write("same.npy", bytes), request, windowSize: largeWindow)
    for (isDeflated, isZip64, hasDescriptors) in [(false, false, true), (true, true, false)] {
      let form = ZipForm(isDeflated: isDeflated, isZip64: isZip64, hasDescriptors: hasDescriptors)
      let path = try folder.write("same.npz", zip([("README", [1, 2, 3]), ("arr_0.npy", bytes)], form))
      let whole = try outcome(path, request, windowSize: 1000)
      try require(whole.isLike(plain), "\(whole) in an archive, \(plain) alone")
    }
  }
}
