import Events
import Machine
import Testing
import TestSupport

/// What reading `text` gives: the values of each event.
private func events(
  _ text: String, _ layout: FileLayout, windowSize: Int = 1 << 20
) throws -> (names: [String]?, values: [[Float]]) {
  let folder = try TemporaryFolder()
  let table = try readEvents(
    file: folder.write("events.txt", text), EventRequest(layout: layout, windowSize: windowSize))
  #expect(table.values.count == table.events * table.features)
  return (
    table.columnNames,
    (0..<table.events).map { Array(table.values[$0 * table.features..<($0 + 1) * table.features]) }
  )
}

/// The error that reading `text` gives, as `LINE:COLUMN: what; advice`.
private func fault(_ text: some Sequence<UInt8>, _ layout: FileLayout = .eventsByRow) throws -> String {
  let folder = try TemporaryFolder()
  let file = try folder.write("events.txt", text)
  do {
    _ = try readEvents(file: file, EventRequest(layout: layout))
  } catch {
    #expect(error.exitCode == .badData)
    let description = error.description
    #expect(description.hasPrefix(file + ":"))
    return String(description.dropFirst(file.count + 1))
  }
  return "no error"
}

@Suite struct TextReaderTests {
  @Test func bothLayouts() throws {
    let text = "1 2 3\n4 5 6\n"
    #expect(try events(text, .eventsByRow).values == [[1, 2, 3], [4, 5, 6]])
    #expect(try events(text, .featuresByRow).values == [[1, 4], [2, 5], [3, 6]])
  }

  @Test(arguments: [
    "1 2\n3 4", "1 2\r\n3 4\r\n", "1 2\r3 4\r", "  1\t\t2  \n\n\n \t\n3 \u{0B}\u{0C}4 \n", "1,2\n3,4\n", "1 , 2\n3\t,4",
    "# head 1 2 3\n1 2 # tail\n#\n3 4#tail", "\u{FEFF}1 2\n3 4\n", "+1.0E0 .2e1\n30e-1 4.\n", "1 2\r\n\r\n3 4\r\n# end",
  ])
  func waysOfWriting(_ text: String) throws {
    #expect(try events(text, .eventsByRow).values == [[1, 2], [3, 4]])
    #expect(try events(text, .featuresByRow).values == [[1, 3], [2, 4]])
  }

  @Test func oneValue() throws {
    #expect(try events("7", .eventsByRow).values == [[7]])
    #expect(try events("7", .featuresByRow).values == [[7]])
  }

  @Test(arguments: [
    ("pt,eta\n1,2\n", ["pt", "eta"]),
    ("# comment\n\npt eta # comment\n1 2\n", ["pt", "eta"]),
    ("\"p,t\" , \"e \"\"ta\"\"\"\r\n1,2", ["p,t", "e \"ta\""]),
    (",pt\n1,2\n", ["", "pt"]),
    ("pt,\n1,2\n", ["pt", ""]),
    ("1st_jet_pt,lepton eta \n1,2\n", ["1st_jet_pt", "lepton eta"]),
    ("\"1\",\"nan\"\n1,2\n", ["1", "nan"]),
    ("η φ\n1 2\n", ["η", "φ"]),
    ("inf_mass nano\n1 2\n", ["inf_mass", "nano"]),
  ])
  func headers(_ text: String, _ names: [String]) throws {
    let (found, values) = try events(text, .eventsByRow)
    #expect(found == names)
    #expect(values == [[1, 2]])
  }

  @Test func aHeaderWithoutEvents() throws {
    let (names, values) = try events("pt,eta\n", .eventsByRow)
    #expect(names == ["pt", "eta"])
    #expect(values.isEmpty)
  }

  @Test(arguments: [
    // Values that are no numbers.
    ("1 2\n3 x\n", "2:3: \"x\" is not a number; write decimal numbers separated by blanks or commas"),
    ("1 2x\n", "1:3: \"2x\" is not a number; write decimal numbers separated by blanks or commas"),
    (
      "1;2\n",
      "1:1: \"1;2\" is not a number; separate values by commas or blanks, not by semicolons, or set \(semicolonKey)"
    ),
    ("a 1 b\n", "1:1: \"a\" is not a number; write decimal numbers separated by blanks or commas"),
    ("\"a 1\n", "1:1: a quotation mark that is not closed on its line; close it, or remove it"),
    ("a b\nc d\n", "2:1: \"c\" is not a number; write decimal numbers separated by blanks or commas"),
    ("1 0x10", "1:3: \"0x10\" is not a number; write numbers as in 1.5e+02, without an f or 0x"),
    ("1 2\u{1B}[31m", "1:3: byte 0x1B where a number should be; check that this is a text file of numbers"),
    ("1 ½", "1:3: byte 0xC2 where a number should be; check that this is a text file of numbers"),
    // Values that are not finite.
    ("1 2\n\t nan 3", "2:3: nan is not finite; leave the event out or give the feature a finite value"),
    ("NaN 1", "1:1: NaN is not finite; leave the event out or give the feature a finite value"),
    ("1 -INF", "1:3: -INF is not finite; leave the event out or give the feature a finite value"),
    ("1 +Infinity", "1:3: +Infinity is not finite; leave the event out or give the feature a finite value"),
    ("1 -nan(ind)", "1:3: -nan(ind) is not finite; leave the event out or give the feature a finite value"),
    ("1 1.#QNAN", "1:3: 1.#QNAN is not finite; leave the event out or give the feature a finite value"),
    (
      "1,2\n-1e999,2",
      "2:1: -1e999 is beyond the range of float32; "
        + "leave the event out or give the feature a finite value"
    ),
    // Rows of different lengths.
    ("1 2\n3\n", "2:2: this row has 1 value, the first had 2; give all rows the same number of values"),
    ("1 2\n3 # 4", "2:3: this row has 1 value, the first had 2; give all rows the same number of values"),
    ("1 2\n\n3 4 5 x\n", "3:5: this row has 4 values, the first had 2; give all rows the same number of values"),
    ("a,b\n1,2,3,4", "2:5: this row has 4 values, the header names 2; give all rows the same number of values"),
    // Separators.
    ("1,,2\n", "1:3: a value is missing; write a value there, and no separator after the last one"),
    (",1,2\n", "1:1: a value is missing; write a value there, and no separator after the last one"),
    ("1,2,\n", "1:5: a value is missing; write a value there, and no separator after the last one"),
    ("1,2\n,1\n", "2:1: a value is missing; write a value there, and no separator after the last one"),
    (
      "1,5 2,7\n",
      "1:5: both commas and blanks separate values; "
        + "separate all by commas or all by blanks, and write decimal points, not commas"
    ),
    (
      "1 2\n3,4\n",
      "2:3: both commas and blanks separate values; "
        + "separate all by commas or all by blanks, and write decimal points, not commas"
    ),
    // The first fault counts.
    ("1 2\n3 x 5\n", "2:3: \"x\" is not a number; write decimal numbers separated by blanks or commas"),
    ("1 2\n3\n4 nan", "2:2: this row has 1 value, the first had 2; give all rows the same number of values"),
    ("1 2\r3 4\r\n5 x", "3:3: \"x\" is not a number; write decimal numbers separated by blanks or commas"),
    ("\u{FEFF}1 x", "1:3: \"x\" is not a number; write decimal numbers separated by blanks or commas"),
  ])
  func faults(_ text: String, _ message: String) throws {
    #expect(try fault(text.utf8) == message)
  }

  /// Where columns have names a row is an event, whatever the layout of files without names.
  @Test func namesDecideTheLayout() throws {
    #expect(try events("pt,eta,phi\n1,2,3\n", .featuresByRow).values == [[1, 2, 3]])
    #expect(
      try fault("pt 1 2\n".utf8, .featuresByRow)
        == "1:1: \"pt\" is not a number; write decimal numbers separated by blanks or commas")
  }

  @Test func filesWithoutValues() throws {
    let advice = "write its events again, or name another file"
    #expect(try fault("".utf8) == " an empty file; \(advice)")
    #expect(try fault(" \n# nothing\r\n".utf8) == " only blank lines and comments; \(advice)")
  }

  @Test func binaryJunk() throws {
    #expect(
      try fault([0x7F, 0x45, 0x4C, 0x46, 0, 1])
        == "1:5: byte 0x00 where a number should be; check that this is a text file of numbers")
    #expect(
      try fault(Array("1 2\n3 ".utf8) + [0], .featuresByRow)
        == "2:3: byte 0x00 where a number should be; check that this is a text file of numbers")
  }

  @Test func longWordsAreCutInMessages() throws {
    let message = try fault("1 \(String(repeating: "x", count: 5000))".utf8)
    #expect(message.hasPrefix("1:3: \"\(String(repeating: "x", count: 40))…\" is not a number"))
  }

  @Test func windowsOfAnySizeGiveTheSame() throws {
    let text = """
      # a comment that is longer than the smallest window, 1 2 3 4 5 6 7 8 9\r
      lepton_pt,lepton_eta\r
      1.234567890123456789e+01,-2\r
      \r
      3, 4 # a comment that is longer than the smallest window, 1 2 3 4 5 6 7\r
      5,6
      """
    let whole = try events(text, .eventsByRow)
    #expect(whole.values == [[12.345679, -2], [3, 4], [5, 6]])
    // With names a row must fit into it.
    for windowSize in 80...text.utf8.count + 1 {
      let part = try events(text, .eventsByRow, windowSize: windowSize)
      #expect(part.names == whole.names)
      #expect(part.values == whole.values)
    }
  }

  @Test func positionsDoNotDependOnTheWindow() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("events.txt", "1 2 3 4\r\n1 2 3 4\r\n1 2 3 4 5 6 oops\r\n")
    for windowSize in 8...60 {
      #expect {
        _ = try readEvents(file: file, EventRequest(layout: .featuresByRow, windowSize: windowSize))
      } throws: {
        ($0 as? DataError)?.description.contains(":3:9: this row has 7 values, the first had 4;") == true
      }
    }
  }

  @Test func aWordThatFillsTheWindow() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("events.txt", "1 2\n3 " + String(repeating: "4", count: 100))
    #expect {
      _ = try readEvents(file: file, EventRequest(layout: .featuresByRow, windowSize: 50))
    } throws: {
      ($0 as? DataError)?.description
        == "\(file):2:3: a word or header of more than 50 bytes; check that this is a text file"
    }
  }

  @Test func aWideMatrixIsTransposed() throws {
    let (rows, columns) = (37, 1001)
    let matrix = (0..<rows).map { row in (0..<columns).map { Float(row * columns + $0) / 8 } }
    let text = matrix.map { $0.map { "\($0)" }.joined(separator: " ") }.joined(separator: "\n")
    let read = try events(text, .featuresByRow).values
    #expect(read.count == columns)
    for column in 0..<columns { #expect(read[column] == matrix.map { $0[column] }) }
  }
}

private let semicolonKey = "data.text: {separator: \";\", decimal: \",\"} (or a decimal \".\")"
