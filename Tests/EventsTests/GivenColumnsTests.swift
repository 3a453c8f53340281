import Events
import Formats
import Machine
import Testing
import TestSupport

/// What reading `content` gives, or the error without the file's name.
private func outcome(
  _ content: some Sequence<UInt8>, _ request: EventRequest
) throws -> (table: EventTable?, fault: String) {
  let folder = try TemporaryFolder()
  let file = try folder.write("events", content)
  do { return (try readEvents(file: file, request), "") } catch {
    #expect(error.exitCode == .badData)
    return (nil, String(error.description.dropFirst(file.count)))
  }
}

private func bytes<Bits: FixedWidthInteger>(_ bits: Bits) -> [UInt8] {
  (0..<MemoryLayout<Bits>.size).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
}

private let label = CategoryColumn(column: "l", key: "data.label", values: [["s", "1"], ["b", "0", "tt H"]])

/// The columns of the files of these tests: a weight, a label, a momentum, an event number, another momentum and text.
private let columns = ["w", "l", "pt", "event", "eta", "text"]

private func request(
  _ layout: FileLayout, columns: [String] = columns, features: [String] = ["eta", "pt"], windowSize: Int = 1 << 20,
  pieceSize: Int = 1 << 19
) -> EventRequest {
  var request = EventRequest(
    layout: layout, features: features, identity: ["event"], numbers: ["w", "pt"], categories: [label],
    windowSize: windowSize, pieceSize: pieceSize)
  request.columns = columns
  return request
}

/// The transpose of a text of rows.
private func transposed(_ text: String, _ separator: String) -> String {
  let rows = text.split(separator: "\n").map { $0.split(separator: separator, omittingEmptySubsequences: false) }
  return rows[0].indices.map { column in rows.map { String($0[column]) }.joined(separator: separator) + "\n" }.joined()
}

@Suite struct GivenColumnsTests {
  /// Rows and columns, separated in any way, in windows and pieces of any size, among others that hold anything.
  @Test(arguments: [",", "\t", " "])
  func textWithoutNames(_ separator: String) throws {
    let text = """
      0.1,s,1.5,18446744073709551615,-1,x
      1e-300,b,2,9007199254740993,-2,y
      -3,0,3,1,-3,nan
      4,"s",4,2,-4,#z
      5,1.0,"5",3,-5,1e999
      """.replacing(",", with: separator)
    for layout in FileLayout.allCases {
      let byLayout = layout == .eventsByRow ? text : transposed(text, separator)
      for text in [
        byLayout, "# made by me\n\n" + byLayout + "\n\n# end", byLayout.replacing("\n", with: "\r\n"),
        byLayout.replacing("\n", with: separator == " " ? "  \n" : " # comment\n"),
        separator == "," ? byLayout.replacing(",", with: " , ") : byLayout,
      ] {
        // In a row of text a mark behind a blank begins a comment.
        let text = layout == .featuresByRow ? text.replacing("#z", with: "z") : text.replacing("#z", with: "q")
        for (windowSize, pieceSize) in [(1 << 20, 1 << 19), (1 << 20, 10), (150, 20), (60, 3)] {
          if layout == .eventsByRow, windowSize < 70 { continue }
          let (table, fault) = try outcome(
            text.utf8, request(layout, windowSize: windowSize, pieceSize: pieceSize))
          let found = try #require(table, "\(fault) \(layout) \(windowSize) \(text)")
          #expect(found.columnNames == ["eta", "pt"])
          #expect(found.values == [-1, 1.5, -2, 2, -3, 3, -4, 4, -5, 5])
          #expect(found.numbers == [[0.1, 1e-300, -3, 4, 5], [1.5, 2, 3, 4, 5]])
          #expect(found.integers == [[.max, 1 << 53 + 1, 1, 2, 3]])
          #expect(found.categories == [[0, 1, 1, 0, 0]])
        }
      }
    }
  }

  /// Many values, so that plain ones are read in runs by several CPUs, without features or with them.
  @Test(arguments: FileLayout.allCases)
  func manyValues(_ layout: FileLayout) throws {
    let events = 5000
    let rows = (0..<events).map { ["\($0)", "\(Double($0) * 0.1 - 7)", "\(Float($0) / 3)e-5"] }
    let text =
      layout == .eventsByRow
      ? rows.map { $0.joined(separator: " ") }.joined(separator: "\n")
      : (0..<3).map { column in rows.map { $0[column] }.joined(separator: " ") }.joined(separator: "\n")
    for takesFeatures in [true, false] {
      var request = EventRequest(
        layout: layout, features: ["z"], identity: ["x"], numbers: ["y", "z", "y"], windowSize: 30000, pieceSize: 1000)
      (request.columns, request.takesFeatures) = (["x", "y", "z"], takesFeatures)
      let (table, fault) = try outcome(text.utf8, request)
      let found = try #require(table, "\(fault)")
      let y = rows.map { Double($0[1]) }
      #expect(found.numbers == [y, rows.map { Double($0[2]) }, y].map { $0.compactMap { $0 } })
      #expect(found.integers == [(0..<UInt64(events)).map { $0 }] && found.events == events)
      #expect(found.values == (takesFeatures ? rows.compactMap { Float($0[2]) } : []))
      #expect(found.features == (takesFeatures ? 1 : 0))
    }
  }

  /// Names in the file count, and are found in it.
  @Test func namesInTheFileCount() throws {
    for text in ["pt,w,event,l,eta\n1,2,3,s,4\n", "# eta pt l event w\n4 1 s 3 2\n"] {
      for layout in FileLayout.allCases {
        for columns in [columns, ["a", "b"]] {
          let (table, fault) = try outcome(text.utf8, request(layout, columns: columns))
          #expect(table?.values == [4, 1] && table?.numbers == [[2], [1]] && table?.integers == [[3]], "\(fault)")
        }
      }
    }
    // pandas' numbers of columns stand for all of them.
    let numbered = "0,1,2,3,4,5\n1,s,2,3,4,x\n"
    #expect(try outcome(numbered.utf8, request(.eventsByRow)).table?.values == [4, 2])
    // A first row of words is a row where nobody wants a number from it.
    var two = request(.featuresByRow, columns: ["l", "pt"], features: ["pt"])
    (two.identity, two.numbers) = ([], [])
    let words = try outcome("s b\n1 2\n".utf8, two)
    #expect(words.table?.values == [1, 2] && words.table?.categories == [[0, 1]], "\(words.fault)")
  }

  @Test func anotherNumberOfColumns() throws {
    func fault(_ text: String, _ layout: FileLayout, _ columns: [String] = ["w", "x", "y"]) throws -> String {
      var request = EventRequest(layout: layout, features: ["x"], numbers: ["w"])
      request.columns = columns
      return try outcome(text.utf8, request).fault
    }
    #expect(
      try fault("1 2\n3 4\n", .eventsByRow) == ":1: a row of 2 values, but data.columns names 3; "
        + "list all columns of the file there, in order; or is its layout features_by_row?")
    #expect(
      try fault("# c\n\n1 2 3\n3 4\n", .eventsByRow)
        == ":4:4: this row has 2 values, data.columns names 3; give all rows the same number of values")
    #expect(
      try fault("1 2\n3 4\n", .featuresByRow) == ": 2 rows of values, but data.columns names 3; "
        + "list all rows of the file there, in order")
    #expect(
      try fault("1 2 3\n3 4 5\n", .featuresByRow) == ": 2 rows of values, but data.columns names 3; "
        + "list all rows of the file there, in order; or is its layout events_by_row?")
    #expect(
      try fault("1 2\n3 4\n5 6\n7 8\n", .featuresByRow) == ": more than 3 rows of values, but data.columns names 3; "
        + "list all rows of the file there, in order")
    #expect(
      try fault("1 2\n3 4 5 6\n5 6\n", .featuresByRow)
        == ":2:5: this row has 4 values, the first had 2; give all rows the same number of values")
    #expect(
      try fault("1 2\n3\n5 6\n", .featuresByRow)
        == ":2:2: this row has 1 value, the first had 2; give all rows the same number of values")
    #expect(
      try fault("1,2,\n3,4,5\n5,6,7\n", .featuresByRow)
        == ":1:5: a value is missing; write a value there, and no separator after the last one")
    #expect(try fault("# only\n", .featuresByRow).contains("only blank lines and comments"))
    #expect(
      try fault("1 2\n3 4\n5 6\n", .featuresByRow, ["v", "x", "y"])
        == ": no column is named w; did you mean v? data.columns names v, x, y")
    #expect(
      try fault("1 2\nq 4\n5 6\n", .featuresByRow)
        == ":2:1: \"q\" is not a number; write decimal numbers separated by blanks or commas")
    #expect(
      try fault("1 2\n3 4\n1e999 6\n", .featuresByRow, ["x", "y", "w"])
        == ":3:1: 1e999 is beyond the range of float64; leave the event out or give it a finite weight")
    #expect(
      try fault("# y x w\n1 2 3\n", .eventsByRow, ["w", "x", "y"]).isEmpty)
    #expect(
      try fault("# y, x and w\n1 2\n3 4\n5 6\n", .featuresByRow, ["w", "x", "y"])
        == ":1: this comment names the columns in another order than data.columns: y,x,w; "
        + "list exactly the column names in it, or remove it")
  }

  /// Missing values are NaN where the column allows them, as text and in arrays; never in weights, and infinite ones nowhere.
  @Test func missingValues() throws {
    var request = EventRequest(
      layout: .eventsByRow, numbers: [NumberColumn("x", key: "data.derived", allowsNaN: true), "w"])
    (request.columns, request.takesFeatures) = (["x", "w"], false)
    for word in ["nan", "NaN", "-nan", "NA", "N/A", "<NA>", "null", "None", "", "\"\"", "nan(0x7)", "-1.#IND"] {
      for layout in FileLayout.allCases {
        request.layout = layout
        let text = layout == .eventsByRow ? "\(word),1\n2.5,2\n\(word),3\n" : "\(word),2.5,\(word)\n1,2,3\n"
        let (table, fault) = try outcome(text.utf8, request)
        let found = try #require(table, "\(word): \(fault)")
        #expect(found.numbers[0].map(\.bitPattern) == [.nan, 2.5, .nan].map(\.bitPattern))
        #expect(found.numbers[1] == [1, 2, 3] && found.events == 3 && found.features == 0)
        let weight = layout == .eventsByRow ? "1,1\n2,\(word)\n" : "1,2\n1,\(word)\n"
        #expect(!(try outcome(weight.utf8, request).fault.isEmpty), "\(word) as a weight")
      }
    }
    request.layout = .eventsByRow
    #expect(
      try outcome("inf,1\n".utf8, request).fault
        == ":1:1: inf is not finite; leave the event out or give the feature a finite value")
    #expect(
      try outcome("1,nan\n".utf8, request).fault
        == ":1:3: nan is not finite; leave the event out or give it a finite weight")
    // A column that is a weight too must not.
    request.numbers.append("x")
    #expect(try outcome("nan,1\n".utf8, request).fault.contains("finite weight"))
  }

  /// Arrays of any type, layout and order, of which the columns are found by name.
  @Test(arguments: FileLayout.allCases, [false, true])
  func arraysWithoutNames(_ layout: FileLayout, _ isFortran: Bool) throws {
    let events = 20000
    let value = { (event: Int, column: Int) in Double(event) * 0.1 + Double(column) * 1000 }
    let byEvent = (layout == .eventsByRow) != isFortran
    var places: [(Int, Int)] = []
    for outer in 0..<(byEvent ? events : 3) {
      for inner in 0..<(byEvent ? 3 : events) { places.append(byEvent ? (outer, inner) : (inner, outer)) }
    }
    let shape = layout == .eventsByRow ? [events, 3] : [3, events]
    func array(_ descr: String, _ bytes: [UInt8]) -> [UInt8] {
      let header = npyHeader(shape: shape, descr: descr)
      let text = String(decoding: header[10...], as: UTF8.self)
      return header[..<10] + Array((isFortran ? text.replacing("False", with: "True ") : text).utf8) + bytes
    }
    var request = EventRequest(
      layout: layout, features: ["z", "x"], numbers: ["y", NumberColumn("x", key: "data.derived", allowsNaN: true)])
    request.columns = ["x", "y", "z"]
    let doubles = array("<f8", places.flatMap { bytes(value($0.0, $0.1).bitPattern) })
    let first = try outcome(doubles, request)
    let found = try #require(first.table, "\(first.fault)")
    #expect(found.numbers == [1, 0].map { column in (0..<events).map { value($0, column) } })
    #expect(found.values == (0..<events).flatMap { [Float(value($0, 2)), Float(value($0, 0))] })
    #expect(found.columnNames == ["z", "x"] && found.events == events)
    request.takesFeatures = false
    #expect(try outcome(doubles, request).table?.numbers == found.numbers)
    #expect(try outcome(doubles, request).table?.features == 0)
    // Integers identify events; floats do not.
    let integers = array("<i8", places.flatMap { bytes(Int64($0.0 * 3 + $0.1)) })
    (request.identity, request.numbers) = (["y"], [])
    #expect(try outcome(integers, request).table?.integers == [(0..<events).map { UInt64($0 * 3 + 1) }])
    #expect(
      try outcome(doubles, request).fault == ": column y holds values of type <f8, which does not tell all whole "
        + "numbers below 2^64 apart; save what identifies an event as an integer: uint64")
    // What is not finite.
    (request.identity, request.takesFeatures, request.features) = ([], true, ["x"])
    request.numbers = ["y", NumberColumn("z", key: "data.derived", allowsNaN: true)]
    func read(_ event: Int, _ column: Int, _ number: Float) throws -> (table: EventTable?, fault: String) {
      try outcome(
        array("<f4", places.flatMap { bytes(($0 == (event, column) ? number : 1).bitPattern) }), request)
    }
    let element = layout == .eventsByRow ? "[12345, 1]" : "[1, 12345]"
    #expect(
      try read(12345, 1, .nan).fault
        == ": element \(element) of column y is nan; leave the event out or give it a finite weight")
    #expect(try read(12345, 2, .infinity).fault.contains("of column z is inf; leave the event out or give the feature"))
    #expect(try read(12345, 0, .nan).fault.contains("of column x is nan; leave the event out or give the feature"))
    let missing = try read(12345, 2, .nan).table
    #expect(missing?.numbers[1].enumerated().filter { $0.element.isNaN }.map(\.offset) == [12345])
    request.columns = ["x", "y", "z", "q"]
    #expect(
      try outcome(doubles, request).fault
        == ": an array of shape \(layout == .eventsByRow ? "(20000, 3)" : "(3, 20000)"): 3 columns in the layout "
        + "\(layout.rawValue), but data.columns names 4; "
        + "list all \(layout == .eventsByRow ? "columns" : "rows") of the file there, in order")
  }

  @Test func arraysOfOneColumnAndOfNames() throws {
    var request = EventRequest(layout: .featuresByRow, features: ["x"], numbers: ["x"])
    request.columns = ["x"]
    let vector = npyHeader(shape: [2], descr: "<f4") + [1.5, 2.5].flatMap { bytes(Float($0).bitPattern) }
    let found = try outcome(vector, request).table
    #expect(found?.values == [1.5, 2.5] && found?.numbers == [[1.5, 2.5]])
    request.columns = ["x", "y"]
    #expect(
      try outcome(vector, request).fault == ": an array of shape (2,): a single column, but data.columns names 2; "
        + "list all columns of the file there, in order")
    let square = npyHeader(shape: [3, 2], descr: "|u1") + [0, 1, 0, 1, 0, 1]
    #expect(try outcome(square, request).fault.hasSuffix("data.columns names 2; try the layout events_by_row"))
  }

  /// Without features a file has its events all the same.
  @Test func eventsAreCountedWithoutFeatures() throws {
    var request = EventRequest(layout: .featuresByRow, features: ["x", "y"])
    request.takesFeatures = false
    for content in [
      Array("1 2 3\n4 5 6\n".utf8), Array("x,y\n1,q\n3,4\n5,6\n".utf8),
      npyHeader(shape: [2, 3], descr: "|u1") + Array(1...6),
    ] {
      let (table, fault) = try outcome(content, request)
      #expect(table?.events == 3 && table?.features == 0 && table?.values == [], "\(fault)")
    }
    let folder = try TemporaryFolder()
    try folder.write("a", "1 2 3\n4 5 6\n")
    try folder.write("b", "1 2\n4 5\n")
    let read = try readProcesses([ProcessFiles(name: "p", files: ["a", "b"])], directory: folder.path, request)
    #expect(try read[0].table().events == 5)
  }
}
