import Events
import Formats
import Machine
import Testing
import TestSupport

/// A file in .npy format with this header text.
private func npy(_ descr: String, shape: String, version: UInt8 = 1, _ data: [UInt8]) -> [UInt8] {
  let text = "{'descr': \(descr), 'fortran_order': False, 'shape': \(shape), }"
  let header = version < 3 ? text.unicodeScalars.map { UInt8($0.value) } : Array(text.utf8)
  let lengthBytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + header + data
}

private func bytes<Bits: FixedWidthInteger>(_ bits: Bits) -> [UInt8] {
  (0..<MemoryLayout<Bits>.size).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
}

/// What reading a file gives, or the error without the file's name.
private func outcome(_ content: [UInt8], _ request: EventRequest) throws -> (table: EventTable?, fault: String) {
  let folder = try TemporaryFolder()
  let file = try folder.write("events.npy", content)
  do { return (try readEvents(file: file, request), "") } catch {
    #expect(error.exitCode == .badData)
    return (nil, String(error.description.dropFirst(file.count + 2)))
  }
}

@Suite struct NpyRecordsTests {
  /// Records of a weight, a label, an event number and a transverse momentum.
  private static let descr = "[('w', '<f8'), ('s', '|S2'), ('', '|V2'), ('event', '<i8'), ('pt', '<f4')]"
  private static func record(_ w: Double, _ s: String, _ event: Int64, _ pt: Float) -> [UInt8] {
    bytes(w.bitPattern) + (Array(s.utf8) + [0, 0]).prefix(2) + [9, 9] + bytes(event) + bytes(pt.bitPattern)
  }
  private static let label = CategoryColumn(column: "s", key: "data.label", values: [["a"], ["bc", "7"]])
  private static let all = EventRequest(
    layout: .featuresByRow, features: ["pt"], identity: ["event"], numbers: ["w"], categories: [label])

  @Test func fieldsByName() throws {
    let data =
      Self.record(1e-15, "a", 1 << 53 + 1, 1) + Self.record(-1e300, "bc", .max, 2) + Self.record(0, "7", 0, -3)
    for shape in ["(3,)", "(3, 1)", "(1, 3)"] {
      let (table, fault) = try outcome(npy(Self.descr, shape: shape, data), Self.all)
      #expect(table?.values == [1, 2, -3], "\(fault)")
      #expect(table?.numbers == [[1e-15, -1e300, 0]] && table?.categories == [[0, 1, 1]])
      #expect(table?.integers == [[1 << 53 + 1, UInt64(Int64.max), 0]])
    }
    // Without names all fields are features, in their order.
    let plain = npy("[('a', '<i2'), ('b', '|b1')]", shape: "(2,)", [1, 0, 1, 255, 255, 0])
    let table = try outcome(plain, EventRequest(layout: .featuresByRow)).table
    #expect(table?.values == [1, 1, -1, 0] && table?.columnNames == ["a", "b"])
  }

  /// Titles, escapes, letters outside ASCII in either encoding.
  @Test func names() throws {
    for (name, version) in [
      ("'é'", 1), ("'é'", 3), ("'η'", 3), ("'\\u03b7'", 1), ("('title', 'é')", 2), ("'\\xe9'", 1),
    ] {
      let wanted = name.contains("é") || name.contains("xe9") ? "é" : "η"
      let file = npy("[(\(name), '<f4')]", shape: "(1,)", version: UInt8(version), bytes(Float(5).bitPattern))
      #expect(try outcome(file, EventRequest(layout: .eventsByRow, features: [wanted])).table?.values == [5], "\(name)")
    }
  }

  @Test func faultsOfValues() throws {
    func fault(_ records: [UInt8]..., request: EventRequest = Self.all) throws -> String {
      try outcome(npy(Self.descr, shape: "(\(records.count),)", Array(records.joined())), request).fault
    }
    let good = Self.record(1, "a", 1, 1)
    #expect(
      try fault(good, Self.record(.nan, "a", 1, 1))
        == "element [1] of column w is nan; leave the event out or give it a finite weight")
    #expect(
      try fault(good, good, Self.record(1, "a", 1, .infinity))
        == "element [2] of column pt is inf; leave the event out or give the feature a finite value")
    #expect(
      try fault(Self.record(1, "a", -1, 1))
        == "element [0] of column event is -1, not a whole number below 2^64; identify events by integers from 0 up")
    #expect(
      try fault(good, Self.record(1, "x", 1, 1))
        == "element [1], 'x' in column s is none of the values that data.label lists: a, bc, 7; list it in data.label, or leave "
        + "the event out")
    #expect(
      try fault(good, Self.record(1e39, "a", 1, 1), request: EventRequest(layout: .eventsByRow, features: ["pt", "w"]))
        == "element [1] of column w is 1e+39, beyond the range of float32; leave the event out or give the feature a finite "
        + "value")
  }

  @Test func faultsOfTypes() throws {
    func fault(_ descr: String, _ request: EventRequest, size: Int) throws -> String {
      try outcome(npy(descr, shape: "(1,)", [UInt8](repeating: 0, count: size)), request).fault
    }
    let features = EventRequest(layout: .eventsByRow, features: ["x"])
    let known = "float16 to float64, integers and booleans"
    let advice = "save a number of such a type, one an event, or do not name the column"
    #expect(
      try fault("[('x', '<U2')]", features, size: 8)
        == "column x holds values of type <U2, but only \(known) can be read; \(advice)")
    #expect(
      try fault("[('x', '<f4', (2,))]", features, size: 8)
        == "column x holds several values an event, but only \(known) can be read; \(advice)")
    #expect(
      try fault("[('x', [('a', '<f4')])]", features, size: 4)
        == "column x holds records, but only \(known) can be read; \(advice)")
    #expect(
      try fault("[('x', '<f8')]", EventRequest(layout: .eventsByRow, features: ["x"], identity: ["x"]), size: 8)
        == "column x holds values of type <f8, which does not tell all whole numbers below 2^64 apart; save what identifies an "
        + "event as an integer: uint64")
    let category = CategoryColumn(column: "t", key: "data.label", values: [["a"]])
    #expect(
      try fault(
        "[('x', '<f4'), ('t', '<M8[ns]')]", EventRequest(layout: .eventsByRow, features: ["x"], categories: [category]),
        size: 12)
        == "column t holds values of type <M8[ns], but only \(known) or text of fixed length can be read; save one such value an "
        + "event")
    #expect(
      try fault("[('x', '|O')]", features, size: 8)
        == "an array of Python objects, which only Python can read; save numbers and text of fixed length: array.astype(…)"
    )
    #expect(
      try fault("[('X', '<f4')]", features, size: 4) == "no column is named x; did you mean X? the header names X")
    #expect(
      try fault("[('x', '<f4'), ('x', '<f4')]", features, size: 8)
        == "several columns are named x; give every column a unique name")
    #expect(
      try fault("[('x', '<f4'), ('', '|V1')]", features, size: 4)
        == "the header says shape (1,), which takes 5 bytes, but 4 bytes follow; the file is cut off: write or copy it again"
    )
    #expect(
      try fault("[('x', '|S0')]", features, size: 0) == "a structured array without fields; save fields of numbers")
  }

  /// Headers that promise too much or go too deep.
  @Test(arguments: [
    "[]", "[()]", "[('x',)]", "[('x', '<f4', (2,), 1)]", "['x']", "[('x', 4)]", "[(1, '<f4')]", "('x', '<f4')",
    "[('x', '<f4', (9223372036854775807,))]", "[('x', '|V9223372036854775807'), ('y', '<f4')]",
    "[('x', '<U9223372036854775807')]", "[('x', '<f99999999999999999999')]", "[('x', 'f4')]", "[('x', '<')]",
    "[('x', '')]",
    "[('x', '<f4', (2, -1))]", "[('x', '<f4', 'y')]", "[('\\q', '<f4')]", "[('\\x9', '<f4')]", "[('\\ud800', '<f4')]",
    String(repeating: "[('x', ", count: 2000) + "'<f4'" + String(repeating: ")]", count: 2000),
    String(repeating: "[", count: 30000), "[('x', True)]", "{'names': ['x']}",
  ])
  func hostileHeaders(_ descr: String) throws {
    let fault = try outcome(npy(descr, shape: "(1,)", [0, 0, 0, 0]), EventRequest(layout: .eventsByRow)).fault
    #expect(fault.hasPrefix("a header that is not that of an array of numbers;"), "\(fault)")
  }

  @Test func shapesThatAreNoList() throws {
    for shape in ["()", "(2, 2)", "(1, 1, 1)", "(0, 2)"] {
      let fault = try outcome(npy("[('x', '<f4')]", shape: shape, []), EventRequest(layout: .eventsByRow)).fault
      #expect(fault == "a structured array of shape \(shape); save one of shape (events,)")
    }
    let huge = npy("[('x', '<f4')]", shape: "(4611686018427387904,)", [])
    #expect(
      try outcome(huge, EventRequest(layout: .eventsByRow)).fault.hasPrefix(
        "the header says shape (4611686018427387904,), which takes more than a file can hold,"))
  }

  @Test func memory() throws {
    let folder = try TemporaryFolder()
    let data = (0..<500).flatMap { Self.record(1, "a", Int64($0), 1) }
    try folder.write("a.npy", npy(Self.descr, shape: "(500,)", data))
    let processes = [ProcessFiles(name: "s", files: ["a.npy"])]
    let memory = EventMemory(processes, directory: folder.path, Self.all)
    #expect(memory.events == 500 && memory.features == 1 && !memory.isEstimate)
    // The store has room for identities and classes anyway; the keys and groups are there once before.
    let features = EventRequest(layout: .eventsByRow, features: ["pt"])
    #expect(memory.bytes == EventMemory(processes, directory: folder.path, features).bytes + 500 * (8 + 2))
    // Of all of it in memory: a float32, an integer, a float64 and a group.
    #expect(EventMemory(processes, directory: folder.path, Self.all, hasStore: false).bytes == 500 * (4 + 8 + 8 + 2))
  }
}
