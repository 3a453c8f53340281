import Events
import Formats
import Machine
import TestSupport
import Testing

private func outcome(_ text: String, _ request: EventRequest) throws -> (table: EventTable?, fault: String) {
  let folder = try TemporaryFolder()
  let file = try folder.write("events", text)
  do { return (try readEvents(file: file, request), "") } catch {
    #expect(error.exitCode == .badData)
    return (nil, String(error.description.dropFirst(file.count)))
  }
}

@Suite struct TextDialectTests {
  private static let label = CategoryColumn(
    column: "l, or L.", key: "data.label", values: [["a.b;c"], ["1.5", "x,y"]])

  private static func request(_ dialect: TextDialect, layout: FileLayout = .eventsByRow) -> EventRequest {
    var request = EventRequest(
      layout: layout, features: ["eta", "pt"], identity: ["n"], numbers: ["w"], categories: [label])
    request.text = dialect
    return request
  }

  /// The same bits whatever stands between values and before fractions; names and words are as the file has them.
  @Test(arguments: [
    (TextDialect(separator: .semicolon, decimal: .comma), ";", ","),
    (TextDialect(separator: .semicolon), ";", "."), (TextDialect(separator: .tab, decimal: .comma), "\t", ","),
    (TextDialect(separator: .comma), ",", "."), (TextDialect(decimal: .comma), "\t", ","),
    (TextDialect(separator: .tab), "\t", "."),
  ])
  func sameBits(_ dialect: TextDialect, _ separator: String, _ decimal: String) throws {
    let rows = [
      ["0.1", "-1.5e-3", "1", "1.00000000000000000001e-300", "\"a.b;c\""],
      ["16777217.5", "3", "18446744073709551615", "0.3", "1\(decimal)5"],
      [".25", "\"2.75\"", "3", "-7", "\"x,y\""],
    ]
    // Words are no numbers, but for the one that is written as such here.
    let lines = rows.map { row in
      (row.prefix(4).map { $0.replacing(".", with: decimal) } + row.suffix(1)).joined(separator: separator)
    }
    let text =
      (["pt", "eta", "n", "w", "\"l, or L.\""].joined(separator: separator) + "\n" + lines.joined(separator: "\n"))
    for windowSize in [1 << 20, 90] {
      var request = Self.request(dialect)
      (request.windowSize, request.pieceSize) = (windowSize, 20)
      let read = try outcome(text + "\n", request)
      let found = try #require(read.table, "\(read.fault)")
      #expect(found.values == [-1.5e-3, 0.1, 3, 16_777_217.5, 2.75, 0.25])
      #expect(found.numbers == [[1.00000000000000000001e-300, 0.3, -7]])
      #expect(found.integers == [[1, .max, 3]] && found.categories == [[0, 1, 1]])
    }
    // Without names: by order, and by names of the run file; in either layout.
    let numbers = rows.map { row in row.prefix(2).map { $0.replacing(".", with: decimal).replacing("\"", with: "") } }
    let byEvent = numbers.map { $0.joined(separator: separator) }.joined(separator: "\n")
    let byFeature = [0, 1].map { column in numbers.map { $0[column] }.joined(separator: separator) }
    for (layout, text) in [(FileLayout.eventsByRow, byEvent), (.featuresByRow, byFeature.joined(separator: "\n"))] {
      var plain = EventRequest(layout: layout, features: ["pt", "eta"])
      plain.text = dialect
      let expected: [Float] = [0.1, -1.5e-3, 16_777_217.5, 3, 0.25, 2.75]
      #expect(try outcome(text, plain).table?.values == expected)
      plain.columns = ["pt", "eta"]
      #expect(try outcome(text, plain).table?.values == expected)
    }
  }

  @Test func faults() throws {
    func fault(_ text: String, _ dialect: TextDialect, _ layout: FileLayout = .eventsByRow) throws -> String {
      var request = EventRequest(layout: layout, features: ["x", "y"])
      request.text = dialect
      return try outcome(text, request).fault
    }
    let german = TextDialect(separator: .semicolon, decimal: .comma)
    let advice = "make data.text match the numbers and separators of the file"
    #expect(try fault("1,5;2.5\n", german) == ":1:5: \"2.5\" is not a number; \(advice)")
    #expect(try fault("1.234,5;2\n", german) == ":1:1: \"1.234,5\" is not a number; \(advice)")
    #expect(try fault("1,5;2,5\n", TextDialect(separator: .semicolon)) == ":1:1: \"1,5\" is not a number; \(advice)")
    #expect(try fault("x;y\n1,5;2.5\n", german) == ":2:5: \"2.5\" is not a number; \(advice)")
    #expect(
      try fault("x.1;z\n1,5;2,5\n", german)
        == ": no column is named x; did you mean x.1? the header names x.1, z")
    #expect(
      try fault("1,5 2.5\n", TextDialect(separator: .blanks, decimal: .comma))
        == ":1:7: no separator (see data.text) before this value; \(advice)")
    #expect(try fault("1,5;2,5\n3,5\n", german).contains("this row has 1 value, the first had 2"))
  }

  /// Exponents of Fortran, and numbers in quotation marks, also without a header.
  @Test func fortranAndQuotes() throws {
    let request = EventRequest(layout: .eventsByRow, features: ["x", "y"])
    let plain = try outcome("1.5e+03,-2.25e-1\n1e3,12345678901234567890123e-5\n", request)
    for text in [
      "1.5D+03,-2.25d-1\n1d3,12345678901234567890123D-5\n",
      "\"1.5E+03\",\"-2.25e-1\"\n\"1e3\",12345678901234567890123e-5\n",
      "x,y\n1.5D+03,-2.25d-1\n1d3,12345678901234567890123D-5",
      "\"1.5d3\" \"-2.25e-1\"\n\"1e3\" \"12345678901234567890123d-5\"\n",
    ] {
      let (table, fault) = try outcome(text, request)
      #expect(table?.values == plain.table?.values && table?.events == 2, "\(fault)")
    }
    let filler = String(repeating: "1.0D0 2.0D0\n", count: 3000)
    #expect(try outcome(filler, request).table?.values == (0..<3000).flatMap { _ in [1, 2] })
    #expect(try outcome("1.5D+,2\n", request).fault.contains("\"1.5D+\" is not a number"))
    #expect(try outcome("\"1.5,2\n", request).fault.contains("quotation mark"))
    // A label may look like one.
    var labelled = EventRequest(layout: .eventsByRow, features: ["x"])
    labelled.categories = [CategoryColumn(column: "l", key: "data.label", values: [["1D2"], ["100"]])]
    #expect(try outcome("x,l\n1,1D2\n2,100\n3,1e2\n", labelled).table?.categories == [[0, 1, 1]])
  }

  @Test func weightsAndMemory() throws {
    let folder = try TemporaryFolder()
    try folder.write("events", "x;y\n1,5;2,5\n3;4\n")
    try folder.write("weights", "w.1\n0,5\n\"2,25\"\n1.5D0\n".replacing("1.5D0\n", with: ""))
    var request = EventRequest(layout: .eventsByRow, features: ["y"])
    request.text = TextDialect(separator: .semicolon, decimal: .comma)
    let process = ProcessFiles(name: "p", files: ["events"], weightFiles: ["weights"])
    let read = try readProcesses([process], directory: folder.path, request)
    #expect(try read[0].fileWeights() == [0.5, 2.25])
    #expect(try read[0].table().values == [2.5, 4])
    let memory = EventMemory([process], directory: folder.path, request)
    #expect(memory.events > 1.5 && memory.events < 3.5 && memory.features == 1)
  }
}
