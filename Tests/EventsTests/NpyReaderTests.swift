import Events
import Formats
import Machine
import Testing
import TestSupport

/// A file in .npy format with this header text.
private func npy(_ dictionary: String, version: UInt8 = 1, _ data: [UInt8]) -> [UInt8] {
  let length = dictionary.utf8.count
  let lengthBytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(dictionary.utf8) + data
}

private func bytes(_ values: [Float]) -> [UInt8] {
  values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
}

private func bytes(_ values: [Double]) -> [UInt8] {
  values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
}

private func values(
  _ content: [UInt8], _ layout: FileLayout = .eventsByRow
) throws -> (features: Int, events: Int, values: [Float]) {
  let folder = try TemporaryFolder()
  let table = try readEvents(file: folder.write("events.npy", content), EventRequest(layout: layout))
  return (table.features, table.events, table.values)
}

/// The error that reading gives, without the file's name.
private func fault(_ content: [UInt8], _ layout: FileLayout = .eventsByRow) throws -> String {
  let folder = try TemporaryFolder()
  let file = try folder.write("events.npy", content)
  do {
    _ = try readEvents(file: file, EventRequest(layout: layout))
  } catch {
    #expect(error.exitCode == .badData)
    return String(error.description.dropFirst(file.count + 2))
  }
  return "no error"
}

@Suite struct NpyReaderTests {
  static let six = bytes([1, 2, 3, 4, 5, 6] as [Float])

  @Test func bothLayoutsAndOrders() throws {
    for version in 1...3 as ClosedRange<UInt8> {
      let inC = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", version: version, Self.six)
      #expect(try values(inC, .eventsByRow) == (3, 2, [1, 2, 3, 4, 5, 6]))
      #expect(try values(inC, .featuresByRow) == (2, 3, [1, 4, 2, 5, 3, 6]))
      // The same bytes in Fortran order are the matrix ((1, 3, 5), (2, 4, 6)).
      let inFortran = npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", version: version, Self.six)
      #expect(try values(inFortran, .eventsByRow) == (3, 2, [1, 3, 5, 2, 4, 6]))
      #expect(try values(inFortran, .featuresByRow) == (2, 3, [1, 2, 3, 4, 5, 6]))
    }
  }

  @Test func waysToWriteTheHeader() throws {
    for dictionary in [
      "{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}",
      "{'fortran_order': False, 'shape': (2L, 3L), 'descr': '<f4'}  ",
    ] {
      #expect(try values(npy(dictionary, Self.six)) == (3, 2, [1, 2, 3, 4, 5, 6]))
    }
  }

  @Test func doublesAreRoundedOnce() throws {
    let content = npyHeader(shape: [1, 3], descr: "<f8") + bytes([0.1, 1 + 0x1p-24, 1e-46] as [Double])
    #expect(try values(content).values == [0.1, 1, 0])
  }

  /// One dimension is one feature, in either layout.
  @Test func vectors() throws {
    for layout in FileLayout.allCases {
      let vector = npy("{'descr': '<f4', 'fortran_order': True, 'shape': (6,), }", Self.six)
      #expect(try values(vector, layout) == (1, 6, [1, 2, 3, 4, 5, 6]))
      let bad = npyHeader(shape: [3], descr: "<f4") + bytes([1, .nan, 3] as [Float])
      #expect(
        try fault(bad, layout) == "element [1] is nan; leave the event out or give the feature a finite value")
    }
  }

  /// Of integers beyond 2^24 float32 has the nearest, in one rounding: through float64 the last of these would be 2^60.
  @Test func integersAreRoundedOnce() throws {
    let integers = [1 << 24 + 1, 1 << 24 + 3, -(1 << 25) - 3, 1 << 60 + 1 << 36 + 1]
    let data = integers.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    #expect(
      try values(npyHeader(shape: [4], descr: "<i8") + data).values == [
        0x1p24, 0x1p24 + 4, -0x1p25 - 4, 0x1p60 + 0x1p37,
      ])
  }

  @Test func noEvents() throws {
    #expect(try values(npyHeader(shape: [0, 15], descr: "<f4")) == (15, 0, []))
    #expect(try values(npyHeader(shape: [15, 0], descr: "<f8"), .featuresByRow) == (15, 0, []))
    #expect(
      try fault(npyHeader(shape: [15, 0], descr: "<f8"))
        == "an array of shape (15, 0): events without features; save the features of each event")
  }

  @Test(arguments: [
    (
      "{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3), }",
      "values of type <c8, but only float16 to float64, integers and booleans can be read; save array.astype(\"float32\")"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
      "an array of shape (); save a two-dimensional one: (events, features) or (features, events)"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }",
      "an array of shape (1, 2, 3); save a two-dimensional one: (events, features) or (features, events)"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }",
      "the header says shape (2, 4), which takes 32 bytes, but 24 bytes follow; "
        + "the file is cut off: write or copy it again"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
      "the header says shape (2, 2), which takes 16 bytes, but 24 bytes follow; save one array per file"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
      "the header says shape (4611686018427387904, 4), which takes more than a file can hold, but 24 bytes follow; "
        + "the file is cut off: write or copy it again"
    ),
  ])
  func faults(_ dictionary: String, _ message: String) throws {
    #expect(try fault(npy(dictionary, Self.six)) == message)
  }

  @Test(arguments: [
    "", "{", "{}", "{'descr'}", "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4'",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 99999999999999999999)}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': True}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
  ])
  func otherHeaders(_ dictionary: String) throws {
    #expect(try fault(npy(dictionary, Self.six)).hasPrefix("a header that is not that of an array of numbers;"))
  }

  @Test func versionsAndMagic() throws {
    #expect(try fault(npy("{}", version: 4, [])).hasPrefix("of .npy format 4.0, where 1.0 to 3.0 are known;"))
    #expect(
      try fault(Array("1 2\n".utf8))
        == "named .npy, but it does not begin as a .npy file does; "
        + "write it with numpy.save, or rename it if it is text")
    #expect(
      try fault([0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF])
        == "cut off within the header; write it again with numpy.save")
  }

  @Test func valuesThatAreNotFinite() throws {
    let advice = "leave the event out or give the feature a finite value"
    let inC = npyHeader(shape: [2, 3], descr: "<f4") + bytes([1, 2, 3, 4, .nan, .infinity] as [Float])
    #expect(try fault(inC) == "element [1, 1] is nan; \(advice)")
    #expect(try fault(inC, .featuresByRow) == "element [1, 1] is nan; \(advice)")
    let inFortran = npy(
      "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }", bytes([1, 2, 3, 4, -.infinity, 6] as [Double]))
    #expect(try fault(inFortran) == "element [1, 1] is -inf; \(advice)")
    let large = npyHeader(shape: [1, 2], descr: "<f8") + bytes([1, -1e39] as [Double])
    #expect(try fault(large) == "element [0, 1] is -1e+39, beyond the range of float32; \(advice)")
  }

  @Test(arguments: ["<f4", "<f8"])
  func cutOffAtEveryByte(_ descr: String) throws {
    let data = descr == "<f4" ? Self.six : bytes([1, 2, 3, 4, 5, 6] as [Double])
    let whole = npyHeader(shape: [2, 3], descr: descr) + data
    #expect(try values(whole) == (3, 2, [1, 2, 3, 4, 5, 6]))
    for length in 0..<whole.count {
      #expect(try fault(Array(whole.prefix(length))) != "no error", "\(length) bytes")
    }
    #expect(try fault(whole + [0]) != "no error")
  }

  /// More events than a thread reads at a time, of every type and layout, with faults in them or not: the first in the file counts.
  @Test(arguments: ["<f4", ">f4", "<f8", ">f8"])
  func manyNumbers(_ descr: String) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(state: 9)
    let (events, features) = (20_001, 3)
    let numbers = (0..<events * features).map { _ in
      let float = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random))
      return float.isFinite ? Double(float) * (descr.hasSuffix("8") ? 0.999_999_99 : 1) : 0.5
    }
    let size = descr.hasSuffix("4") ? 4 : 8
    for bad in [[], [0], [8191 * 3, 50_000], [40_000, 24_577], [events * features - 1]] {
      var numbers = numbers
      for index in bad { numbers[index] = -.infinity }
      var data = size == 4 ? bytes(numbers.map { Float($0) }) : bytes(numbers)
      if descr.hasPrefix(">") { data = (0..<data.count).map { data[$0 / size * size + size - 1 - $0 % size] } }
      for layout in FileLayout.allCases {
        let columns = layout == .eventsByRow ? features : events
        let shape = [events * features / columns, columns]
        let file = try folder.write("events", npyHeader(shape: shape, descr: descr) + data)
        do {
          let table = try readEvents(file: file, EventRequest(layout: layout))
          let read =
            layout == .eventsByRow
            ? table.values
            : (0..<features * events).map { place in
              table.values[place % events * features + place / events]
            }
          #expect(bad.isEmpty && read == numbers.map { Float($0) })
        } catch {
          let place = bad.min().map { "element [\($0 / columns), \($0 % columns)] is -inf" }
          #expect(error.what == place)
        }
      }
    }
  }
}
