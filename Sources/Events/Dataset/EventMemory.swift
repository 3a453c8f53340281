import Formats
public import Machine

/// The memory that events take at the peak of reading them on rank 0, known from the sizes and headers of the files before
/// anything is read.
///
/// For `.npy` files the header gives the number of events; for text it is estimated from a sample. Files that cannot be read
/// count as nothing: their readers say what is wrong with them.
public struct EventMemory: Equatable, Sendable {
  /// The events of all files, and the values of each that are kept.
  public private(set) var events = 0.0
  public private(set) var features = 0
  /// Bytes at the peak.
  public private(set) var bytes = 0.0
  /// Whether the number of events is an estimate, as it is for text.
  public private(set) var isEstimate = false

  /// A kind of file, as far as it decides how much memory its reader takes.
  public enum FileKind: Equatable, Sendable { case npy, text }

  // MARK: The rule

  /// How many copies of a file's values are in memory as float32 before they are in the store: those of an array are moved there
  /// from the file, a chunk at a time, unless there is no store.
  static func copiesKept(of kind: FileKind, hasStore: Bool) -> Double { kind == .npy && hasStore ? 0 : 1 }

  /// How many more times they are there while the file is read: a table grows while its number of rows is unknown, and doubles
  /// each time.
  static func copies(whileReading kind: FileKind) -> Double { kind == .npy ? 0 : 2 }

  /// What an event takes in a table of values: float32.
  static func tableBytes(features: Int) -> Double { 4 * Double(features) }

  /// What an event takes there with all that a request wants of it.
  static func tableBytes(features: Int, _ request: EventRequest) -> Double {
    tableBytes(features: features) + Double(request.extraBytesPerEvent)
  }

  /// What a weight takes that stands in a file of its own: float64.
  static let weightBytes = 8.0

  /// What an event takes in the store.
  static func storeBytes(features: Int, weights: Int = 0) -> Double {
    Double(EventStore.Layout(events: 1000, features: features, weights: weights).byteCount) / 1000
  }

  /// The events of all `processes`. With a store, the tables of all processes are in memory when it is made.
  /// `inputs` are the features that are made of columns; nil: columns are features. `weightColumns` are those of the store; `complete` adds to the request what is needed from the process of this number.
  public init(
    _ processes: [ProcessFiles], directory: String, _ request: EventRequest, features inputs: Int? = nil,
    hasStore: Bool = true, weightColumns: Int = 0,
    completing complete: (_ request: inout EventRequest, _ number: Int) -> Void = { _, _ in }
  ) {
    var (reading, kept) = (0.0, 0.0)
    for (number, process) in processes.enumerated() {
      var request = request
      complete(&request, number)
      let weightPaths = process.weightPaths(in: directory)
      for (index, path) in process.paths(in: directory).enumerated() {
        guard let file = FileExtent(path, request) else { continue }
        let taken = !request.takesFeatures ? 0 : request.features.isEmpty ? file.columns : request.features.count
        features = inputs ?? max(features, taken)
        events += file.events
        // What is found of each event before its place is known: its use, twice; its weights; its key; its label or group.
        kept +=
          file.events
          * Double(2 + 4 * weightColumns + (request.identity.isEmpty ? 0 : 8) + 2 * request.categories.count)
        isEstimate = isEstimate || file.kind == .text
        let table = file.events * Self.tableBytes(features: taken, request)
        bytes += table * Self.copiesKept(of: file.kind, hasStore: hasStore) + file.unpacked
        // Without a store the computed features are kept instead.
        if let inputs, !hasStore { bytes += file.events * Self.tableBytes(features: inputs) }
        reading = max(reading, table * Self.copies(whileReading: file.kind))
        if index < weightPaths.count, let kind = FileExtent.kind(ofWeights: weightPaths[index]) {
          let weights = file.events * Self.weightBytes
          bytes += weights * Self.copiesKept(of: kind, hasStore: true)
          reading = max(reading, weights * Self.copies(whileReading: kind))
        }
      }
    }
    bytes +=
      hasStore ? max(reading, events * Self.storeBytes(features: features, weights: weightColumns) + kept) : reading
  }

  /// The events of one file, which are read as a whole, for a reader that takes others piece by piece: unpacked arrays, or a table.
  init(ofWhole path: String, _ request: EventRequest) {
    guard let file = FileExtent(path, request) else { return }
    features = !request.takesFeatures ? 0 : request.features.isEmpty ? file.columns : request.features.count
    (events, isEstimate) = (file.events, file.kind == .text)
    let copies = file.kind == .npy ? 0 : 1 + Self.copies(whileReading: file.kind)
    bytes = file.unpacked + copies * file.events * Self.tableBytes(features: features, request)
  }

  /// The store of events whose number is known.
  init(of header: EventStore.Header) {
    (events, features) = (Double(header.layout.events), header.featureNames.count)
    bytes = Double(header.layout.byteCount)
  }

  /// Refuses events whose tables do not fit into the memory that this process can take, as those of text do not: a check reads
  /// arrays piece by piece.
  public func requireForReading() throws(Failure) { if isEstimate { try require() } }

  /// Refuses events that do not fit into the memory that this process can take. `perEvent` are bytes that an event takes beyond
  /// them.
  public func require(_ bounds: @autoclosure () -> MemoryBounds = MemoryBounds(), perEvent: Double = 0) throws(Failure)
  {
    let needed = bytes + events * perEvent
    // A small file always fits, and determining the bounds takes some time.
    guard needed >= 0x1p24 else { return }
    let amount =
      "\(isEstimate ? "about " : "")\(grouped(Int(min(events, 1e15)))) events × \(counted(features, "feature"))"
    try bounds().require(
      needed, demand: "the events (\(amount)) need", isEstimate: isEstimate, exitCode: .inputOutput,
      advice: "ask for more memory, or use fewer events or features")
  }
}

/// How many events a file has, and how many values each.
private struct FileExtent {
  let kind: EventMemory.FileKind
  let events: Double
  let columns: Int
  /// The bytes that a packed array takes in memory.
  var unpacked = 0.0

  /// What is enough of a file to see the length of its numbers.
  private static let sample = 1 << 16

  /// What a file of weights is; nil where it cannot be read.
  static func kind(ofWeights path: String) -> EventMemory.FileKind? {
    guard let window = try? FileWindow.open(path, capacity: npyMagic.count) else { return nil }
    // Packed ones are in memory, as those of text are.
    return EventReader.npy.recognises(window) && !window.isPacked ? .npy : .text
  }

  private init(kind: EventMemory.FileKind, events: Double, columns: Int, unpacked: Double = 0) {
    (self.kind, self.events, self.columns, self.unpacked) = (kind, events, columns, unpacked)
  }

  /// nil for a file that no reader takes.
  init?(_ path: String, _ request: EventRequest) {
    guard var window = try? FileWindow.open(path, capacity: min(request.windowSize, Self.sample)),
      !EventReader.foreign.contains(where: { $0.recognises(window) })
    else { return nil }
    let isArray = EventReader.npy.recognises(window)
    let isArchive = EventReader.npz.recognises(window)
    let extent =
      isArray
      ? Self.array(window, request) : isArchive ? Self.archive(window, request) : Self.text(&window, request)
    guard let extent else { return nil }
    self = extent
  }

  private static func array(_ window: borrowing FileWindow, _ request: EventRequest) -> FileExtent? {
    guard let header = try? NpyHeader(window), let size = header.itemSize, size > 0 else { return nil }
    guard window.isPacked else { return array(header, size, bytes: window.size - header.dataOffset, request) }
    let values = header.shape.reduce(1.0) { $0 * Double($1) }
    return array(header, size, bytes: .max, request).map {
      FileExtent(kind: .npy, events: $0.events, columns: $0.columns, unpacked: values * Double(size))
    }
  }

  /// The array after a header, of values of `size` bytes; fewer than it says where the file is cut off.
  private static func array(_ header: NpyHeader, _ size: Int, bytes: Int, _ request: EventRequest) -> FileExtent? {
    guard (1...2).contains(header.shape.count) else { return nil }
    let values = Double(bytes / size)
    if !header.fields.isEmpty || header.shape.count == 1 {
      return FileExtent(
        kind: .npy, events: min(header.shape.reduce(1.0) { $0 * Double($1) }, values),
        columns: max(1, header.fields.count))
    }
    let isByRow = request.layout == .eventsByRow
    let (rows, columns) = isByRow ? (header.shape[0], header.shape[1]) : (header.shape[1], header.shape[0])
    return FileExtent(
      kind: .npy, events: min(Double(rows), values / Double(max(1, columns))), columns: columns)
  }

  /// An archive, whose arrays are in memory.
  private static func archive(_ window: borrowing FileWindow, _ request: EventRequest) -> FileExtent? {
    guard let archive = try? NpzArchive(window), let header = try? archive.header(of: archive.arrays[0]),
      let size = header.itemSize, size > 0, let first = array(header, size, bytes: .max, request)
    else { return nil }
    let unpacked = archive.arrays.reduce(0.0) { $0 + Double($1.member.size) }
    let columns = archive.arrays.count > 1 ? archive.arrays.count : first.columns
    return FileExtent(kind: .npy, events: first.events, columns: columns, unpacked: unpacked)
  }

  private static func text(_ window: inout FileWindow, _ request: EventRequest) -> FileExtent? {
    window.translate(from: request.text)
    guard !EventReader.misnamedNpy.recognises(window), let head = try? TextHead(&window, request) else { return nil }
    let words = TextSample(window)
    let wanted = request.columns.isEmpty ? max(1, request.features.count) : request.columns.count
    let columns = head.header == nil && request.layout == .eventsByRow ? words.inLastLine ?? wanted : wanted
    let perByte = head.header == nil ? words.perByte / Double(columns) : words.linesPerByte
    return FileExtent(kind: .text, events: perByte * Double(window.size - window.offset), columns: columns)
  }
}

/// The words in the beginning of a text file.
private struct TextSample {
  let perByte: Double
  /// Lines that have words.
  let linesPerByte: Double
  /// In the last line that is whole and has any; nil if no line is.
  let inLastLine: Int?

  init(_ window: borrowing FileWindow) {
    var (words, lines, line, last) = (0, 0, 0, Int?.none)
    var (isInWord, isComment) = (false, false)
    for index in 0..<window.count {
      let byte = window.buffer[index]
      if byte == Byte.newline || byte == Byte.carriageReturn {
        if line > 0 { (last, lines) = (line, lines + 1) }
        (line, isInWord, isComment) = (0, false, false)
      } else if isComment || byte == Byte.hash {
        isComment = true
      } else if byte == Byte.comma || Byte.isBlank(byte) {
        isInWord = false
      } else if !isInWord {
        (words, line, isInWord) = (words + 1, line + 1, true)
      }
    }
    perByte = window.count > 0 ? Double(words) / Double(window.count) : 0
    linesPerByte = window.count > 0 ? Double(lines) / Double(window.count) : 0
    inLastLine = last ?? (window.atEnd && line > 0 ? line : nil)
  }
}
