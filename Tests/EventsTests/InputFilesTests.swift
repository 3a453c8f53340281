import Events
import Formats
import Machine
import Testing
import TestSupport

/// A stream gives the events that a table of the whole file has, in parts, and the same errors.
@Suite struct InputFilesTests {
  private static let windowSize = 256

  private func request(_ layout: FileLayout = .eventsByRow, _ features: [String] = []) -> EventRequest {
    EventRequest(layout: layout, features: features, windowSize: Self.windowSize, pieceSize: 64)
  }

  /// All inputs of a file, read from its beginning, and the number of parts.
  private func streamed(_ path: String, _ request: EventRequest) throws -> (values: [Float], parts: Int) {
    let files = try InputFiles(request, nil)
    let file = try files.find(path)
    var stream = try files.stream(file)
    var (values, parts) = ([Float](), 0)
    while let events = try stream.next() {
      #expect(events.events > 0)
      values += try all(events)
      parts += 1
    }
    #expect(stream.fraction == 1)
    #expect(try stream.next() == nil)
    return (values, parts)
  }

  private func all(_ events: InputEvents) throws -> [Float] {
    var part = [Float](repeating: 0, count: events.events * events.features)
    var span = part.mutableSpan
    try events.read(0..<events.events, into: &span)
    return part
  }

  private func lines(_ count: Int, separator: String = " ") -> String {
    (0..<count).map { "\($0)\(separator)\(Double($0) / 4)\(separator)-\($0).5\n" }.joined()
  }

  @Test(arguments: [
    "", "x,y,z\n", "# a comment\n", "name,y,z,x\n",
  ])
  func textComesInParts(_ head: String) throws {
    let folder = try TemporaryFolder()
    let isNamed = head.contains("x")
    let separator = isNamed ? "," : " "
    var text = lines(100, separator: separator)
    if head.hasPrefix("name") { text = (0..<100).map { "event,\($0),1,2\n" }.joined() }
    let request = request(.eventsByRow, isNamed ? ["x", "y"] : [])
    let path = try folder.write("events.txt", head + text)
    let found = try streamed(path, request)
    #expect(found.parts > 3)
    #expect(found.values == (try readEvents(file: path, request)).values)
    #expect(try InputFiles(request, nil).find(path).events == nil)
  }

  /// A window may end anywhere, between and in values.
  @Test(arguments: 0..<20)
  func rowsMayBeCutAnywhere(_ shift: Int) throws {
    let folder = try TemporaryFolder()
    let text = "# " + String(repeating: "-", count: shift) + "\n" + lines(60) + "1 2 3"
    let path = try folder.write("events.txt", text)
    let found = try streamed(path, request())
    #expect(found.values == (try readEvents(file: path, request())).values && found.values.suffix(3) == [1, 2, 3])
  }

  /// A row per feature, whose first event ends in the last line, comes as a whole.
  @Test func rowsOfFeaturesAreReadAsAWhole() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<3).map { row in (0..<200).map { "\($0 * 3 + row)" }.joined(separator: " ") + "\n" }.joined()
    let path = try folder.write("events.txt", rows)
    let found = try streamed(path, request(.featuresByRow))
    #expect(found.parts == 1 && found.values == (0..<600).map { Float($0) })
  }

  /// A fault far behind the beginning is found when its part is read, with its line.
  @Test func faultsHaveTheirLines() throws {
    let folder = try TemporaryFolder()
    let good = lines(90)
    for (bad, what) in [("1 2 x\n", "91:5"), ("1 2\n", "91:4"), ("1 2 3 4\n", "91:7")] {
      let path = try folder.write("events.txt", good + bad + good)
      let whole = #expect(throws: DataError.self) { try readEvents(file: path, request()) }
      let error = #expect(throws: DataError.self) { try streamed(path, request()) }
      #expect(error == whole && error?.description.contains("events.txt:\(what)") == true, "\(what)")
    }
  }

  /// Computed features fail with the number that the event has in the file, whatever part it is read in.
  @Test func computedFeaturesKnowTheEvent() throws {
    let folder = try TemporaryFolder()
    let preprocessing = Preprocessing(features: [.init(name: "l", expression: "log(x)")], missing: nil, selection: nil)
    let fitted = FittedPreprocessing(preprocessing: preprocessing, fit: PreprocessingFit(fills: [], quantiles: [[]]))
    let request = request(.eventsByRow, ["x"])
    for (bad, event) in [(0, 1), (70, 71), (199, 200)] {
      let rows = (0..<200).map { $0 == bad ? "-2,z\n" : "\($0 + 1),z\n" }
      let path = try folder.write("events.csv", "x,other\n" + rows.joined())
      let whole = #expect(throws: DataError.self) { try readInputs(path, request, fitted) }
      let files = try InputFiles(request, fitted)
      var stream = try files.stream(files.find(path))
      var found: DataError?
      do throws(DataError) {
        while let events = try stream.next() {
          var part = [Float](repeating: 0, count: events.events)
          var span = part.mutableSpan
          try events.read(0..<events.events, into: &span)
        }
      } catch { found = error }
      #expect(found == whole && found?.what.hasPrefix("event \(event): ") == true, "\(event)")
    }
  }

  @Test func arraysAreReadAnywhere() throws {
    let folder = try TemporaryFolder()
    let values = (0..<30).map { Float($0) }
    var bytes = npyHeader(shape: [10, 3], descr: "<f4")
    bytes.append(bytesOf: values)
    let path = try folder.write("events.npy", bytes)
    let files = try InputFiles(request(), nil)
    let file = try files.find(path)
    #expect(file.events == 10)
    let events = try files.array(file)
    var part = [Float](repeating: 0, count: 6)
    var span = part.mutableSpan
    try events.read(4..<6, into: &span)
    #expect(part == (12..<18).map { Float($0) })
    #expect(try streamed(path, request()).values == values)
    // Another file under the name.
    _ = try folder.write("events.npy", npyHeader(shape: [1, 3], descr: "<f4") + [UInt8](repeating: 0, count: 12))
    #expect(throws: DataError.self) { try files.array(file) }
    let changed = #expect(throws: DataError.self) { try file.requireUnchanged() }
    #expect(changed?.what == "changed while it was read")
  }

  @Test func otherFilesAreRefusedByTheirBeginning() throws {
    let folder = try TemporaryFolder()
    let files = try InputFiles(request(.eventsByRow, ["x", "y"]), nil)
    for (name, text) in [("empty.txt", ""), ("other.csv", "x,z\n1,2\n"), ("no.npy", "1 2\n")] {
      let path = try folder.write(name, text)
      #expect(throws: DataError.self, "\(name)") { try files.find(path) }
    }
    #expect(throws: DataError.self) { try files.find(folder("missing.npy")) }
    // A header without rows is a file without events.
    #expect(try streamed(folder.write("head.csv", "x,y\n"), request(.eventsByRow, ["x", "y"])).parts == 0)
  }
}
