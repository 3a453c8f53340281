import Events
import Formats
import Machine
import Testing
import TestSupport

/// The integers that reading `text` gives, column by column, or the error without the file's name.
private func outcome(_ text: some Sequence<UInt8>, _ request: EventRequest) throws -> (
  integers: [[UInt64]], fault: String
) {
  let folder = try TemporaryFolder()
  let file = try folder.write("events.csv", text)
  do { return (try readEvents(file: file, request).integers, "") } catch {
    #expect(error.exitCode == .badData)
    return ([], String(error.description.dropFirst(file.count + 1)))
  }
}

@Suite struct TextColumnsTests {
  /// Neighbours of 2^63 and 2^64, which no float tells apart.
  @Test func digitsAreKept() throws {
    let text = """
      # run 1,2,3
      pt,"e,v",run # names

      1,9223372036854775807,1
      2,9223372036854775808,00
      3,9223372036854775809,2# 4,5,6
      -4e3 , 18446744073709551615,3
      """
    let expected: [[UInt64]] = [[1, 0, 2, 3], [1 << 63 - 1, 1 << 63, 1 << 63 + 1, .max]]
    for text in [
      text, "\u{FEFF}" + text + "\n",
      text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"),
    ] {
      for windowSize in [39, 50, 1 << 20] {
        let request = EventRequest(
          layout: .eventsByRow, identity: ["run", "e,v"], windowSize: windowSize, pieceSize: 10)
        let found = try outcome(text.utf8, request)
        #expect(found.integers == expected, "\(found), window \(windowSize)")
      }
    }
    #expect(try outcome(text.utf8, EventRequest(layout: .eventsByRow)).integers.isEmpty)
  }

  @Test(arguments: [
    ("18446744073709551616", "18446744073709551616"), ("1.0", "1.0"), ("-1", "-1"), ("1e3", "1e3"),
    ("00000000000000000000000000000000000000000000000002.5", "0000000000000000000000000000000000000000…"),
  ])
  func whatIsNoWholeNumberIsRefused(_ word: String, _ shown: String) throws {
    let request = EventRequest(layout: .eventsByRow, identity: ["run"])
    // A full-width letter, which begins with the first byte of a byte order mark.
    let wide = EventRequest(layout: .eventsByRow, identity: ["ｐ"])
    #expect(try outcome("ｐ\n7\n8\n".utf8, wide).integers == [[7, 8]])
    #expect(
      try outcome("pt run\n1 2\n\n3   \(word)\n".utf8, request).fault
        == "4:5: \"\(shown)\" is not a whole number below 2^64; identify events by digits only")
  }

  @Test func columnsThatAreNotNamed() throws {
    let request = EventRequest(layout: .eventsByRow, identity: ["run", "event"])
    #expect(
      try outcome("1,2\n".utf8, request).fault
        == " no header names the columns, but data.event names run, event; "
        + "write the names of the columns into the first line")
    #expect(
      try outcome("run,pt\n1,2\n".utf8, request).fault
        == " no column is named event; check data.event: the header names run, pt")
    #expect(
      try outcome(npyHeader(shape: [0, 2], descr: "<f4"), request).fault
        == " columns without names, but data.event names run, event; save a structured array, or write text with a header"
    )
  }

  /// As many events as fill several windows, in files that follow one another.
  @Test func filesFollowOneAnother() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String, _ events: Range<UInt64>) throws {
      try folder.write(name, "event,pt\n" + events.map { "\(UInt64.max - $0),\(Float($0))\n" }.joined())
    }
    try write("a.csv", 0..<5000)
    try write("b.csv", 5000..<5003)
    let read = try readProcesses(
      [ProcessFiles(name: "s", files: ["a.csv", "b.csv"])], directory: folder.path,
      EventRequest(layout: .eventsByRow, features: ["pt"], identity: ["event"], windowSize: 3000, pieceSize: 500))
    let table = try read[0].table()
    #expect(table.features == 1 && table.events == 5003)
    #expect(table.integers == [(0..<5003).map { UInt64.max - $0 }])
    #expect(table.values == (0..<5003).map { Float($0) })
  }
}

/// What reading `text` with these features wanted gives, event by event, or the error without the file's name.
private func outcome(
  _ text: some Sequence<UInt8>, _ features: [String], _ layout: FileLayout = .eventsByRow, windowSize: Int = 1 << 20,
  pieceSize: Int = 1 << 19
) throws -> String {
  let folder = try TemporaryFolder()
  let file = try folder.write("events.csv", text)
  let request = EventRequest(layout: layout, features: features, windowSize: windowSize, pieceSize: pieceSize)
  do {
    let table = try readEvents(file: file, request)
    return (0..<table.events).map { event in
      table.values[event * table.features..<(event + 1) * table.features].map { "\(Int($0))" }.joined(separator: " ")
    }.joined(separator: "|")
  } catch { return String(error.description.dropFirst(file.count + 1)) }
}

@Suite struct NamedColumnsTests {
  /// Ways to name the columns pt and eta of two events, (1, 2) and (3, 4), in any order and among others.
  @Test(arguments: [
    "pt,eta\n1,2\n3,4\n", "eta,pt\n2,1\n4,3", "# pt eta\n1 2\n3 4\n", "#pt,eta\n1 2\n3 4\n",
    "# eta\tpt\r\n2,1\r\n4,3\r\n",
    // Behind other comments, where all that is wanted is named.
    "# made by me\n# eta pt\n2 1\n4 3\n", "# one two\n#\n\n# eta, pt\n2,1\n4,3\n",
    // Comments that name another number of columns, or a number, are comments.
    "# pt eta phi\npt,eta\n1,2\n3,4\n", "# pt\neta pt\n2 1\n4 3\n", "\u{FEFF}# eta,pt\n2,1\n4,3\n",
    // Others hold anything.
    "id,pt,weight,eta,Label\n7,1,nan,2,s\n8,3,,4,b\n",
    "pt,comment,eta\n1,\"a, b\",2\n3,\"c \"\"d\"\"\ne,f\",4\n", "pt\tcomment\teta\n1\ta b\t2\n3\t\t4\n",
    "pt  text eta\n1 x,y#z 2\n 3   -   4 # 5\n", "name;x,pt,eta\n1e999,1,2\n-#,3,4\n", "ß,pt,eta\nü,1,2\n,3,4\n",
    "pt,eta,\n1,2,\n3,4,x\n", ",pt,eta\n0,1,2\n1,3,4\n", "pt,eta # GeV\n1,2\n3,4 # last\n",
    // pandas with an index, R with names of rows.
    "\tpt\tjet no\teta\n0\t1\t7\t2\n1\t3\t7\t4\n", "\tpt\tt0\teta\n0\t1\t\t2\n1\t3\t\t4\n",
    " pt eta\n0 1 2\n1 3 4\n", "\"pt\" \"eta\"\n\"1\" 1 2\n\"2\" 3 4\n", "\"pt\",\"eta\"\n\"1\",\"2\"\n\"3\",\"4\"\n",
    // What separates is seen beside the header.
    "hits\tpt\teta\tw\n1,2,3,4\t1\t2\t0\n1,2,3,4\t3\t4\t0\n", "hits pt eta w\n1,2,3,4 1 2 0\n1,2,3,4 3 4 0\n",
    "t,pt,eta\n\"x\ny\",1,2\nq,3,4\n", "t,pt,eta\n5\" pipe,1,2\nq,3,4\n", "pt,#jets,eta\n1,9,2\n3,9,4\n",
    "id,pt,eta\n17,1,2\n#18,3,4\n", "id,pt,eta\n17,1,2\n# 18,3\n19,3,4\n", "## eta,pt\n2,1\n4,3\n",
    // pandas writes columns without names so, with its index or without.
    "0,1\n1,2\n3,4\n", ",0,1\n0,1,2\n1,3,4\n", "\"0\",\"1\"\n1,2\n3,4\n", "0 1\n1 2\n3 4\n",
  ])
  func whatIsNamedIsFound(_ text: String) throws {
    let windows = [text.utf8.count + 1, 40, 1 << 20]
    for windowSize in windows {
      #expect(try outcome(text.utf8, ["pt", "eta"], windowSize: windowSize, pieceSize: 4) == "1 2|3 4")
    }
    if !text.hasPrefix("0 1") { #expect(try outcome(text.utf8, ["pt", "eta"], .featuresByRow) == "1 2|3 4") }
  }

  @Test func namesThatLookLikeNumbers() throws {
    #expect(try outcome("1,0,nan\n7,8,9\n".utf8, ["0", "1"]) == "8 7")
    #expect(try outcome("1,0,nan\n7,8,9\n".utf8, ["nan", "0"]) == "9 8")
    #expect(try outcome("1.5 2.5\n7 8\n".utf8, ["2.5"]) == "8")
    #expect(try outcome("0,1,2\n7,8,9\n".utf8, ["2", "0"]) == "9 7")
    // Titles name nothing.
    #expect(try outcome("# signal\n1 2\n3 4\n".utf8, ["pt", "eta"]) == "1 2|3 4")
    #expect(try outcome("# file.root\n1,2\n3,4\n".utf8, ["pt", "eta"]) == "1 2|3 4")
    // A comment that names the columns goes before integers, which then are an event.
    #expect(try outcome("# c b a\n0 1 2\n3 4 5\n".utf8, ["a", "b", "c"]) == "2 1 0|5 4 3")
    #expect(try outcome("0 1\n5 6\n".utf8, ["a", "b"], .featuresByRow) == "0 5|1 6")
    // An event like any other, and a row of a feature.
    #expect(try outcome("0,2,1\n7,8,9\n".utf8, ["a", "b", "c"]) == "0 2 1|7 8 9")
    #expect(try outcome("0,1,2\n7,8,9\n".utf8, ["a", "b"], .featuresByRow) == "0 7|1 8|2 9")
    #expect(try outcome("0\n1\n".utf8, ["a"]) == "0|1")
  }

  @Test(arguments: [
    (
      "# pt phi\n1 2\n",
      " no column is named eta; check data.features: "
        + "the comment before the rows names pt, phi (if this comment is not a header, put an empty line before it)"
    ),
    ("pt,Eta\n1,2\n", " no column is named eta; did you mean Eta? the header names pt, Eta"),
    ("0,1,2\n1,2,3\n", " no column is named pt; check data.features: the header names 0, 1, 2"),
    (
      "# eta | pt\n2 1\n4 3\n",
      "1: this comment names the features in another order than data.features: eta,pt; list exactly the column "
        + "names in it, or remove it"
    ),
    ("pt [GeV],eta\n1,2\n", " no column is named pt; did you mean pt [GeV]? the header names pt [GeV], eta"),
    (
      "pt;eta\n1;2\n",
      " no column is named pt; separate the columns by commas instead of semicolons and use decimal points, or set \(semicolonKey): pt;eta"
    ),
    (
      "1.5e0;2\n",
      "1:1: \"1.5e0;2\" is not a number; separate values by commas or blanks, not by semicolons, or set \(semicolonKey)"
    ),
    (
      "pt,eta\n1,2,\"x\ny\"\n",
      "2:5: this row has 3 values, the header names 2; give all rows the same number of values"
    ),
    ("pt\teta\n1\t2\n\t\n", "3:1: a value is missing; write a value there, and no separator after the last one"),
    ("pt,eta,pt\n1,2,3\n", " several columns are named pt; give every column a unique name"),
    ("7.9Q+01 2\n1 2\n", "1:1: \"7.9Q+01\" is not a number; write numbers as in 1.5e+02, without an f or 0x"),
    ("0x1p3,0x2\n1,2\n", "1:1: \"0x1p3\" is not a number; write numbers as in 1.5e+02, without an f or 0x"),
    ("pt,eta\n1,2\n1,x\n", "3:3: \"x\" is not a number; write decimal numbers separated by blanks or commas"),
    ("é,pt,eta\nü,1,nan\n", "2:5: nan is not finite; leave the event out or give the feature a finite value"),
    (
      "pt,a,eta\n1,\"\n\n\",2\n3,,\n",
      "5:4: a value is missing; write a value there, and no separator after the last one"
    ),
    ("pt,eta,a\n1,2,\"b\n", "2:5: an unclosed quotation mark; close it, or remove it"),
    ("pt,eta,a\n1,2\n", "2:4: this row has 2 values, the header names 3; give all rows the same number of values"),
    ("pt,eta\n1,2,3,4\n", "2:5: this row has 4 values, the header names 2; give all rows the same number of values"),
    (
      "pt,eta\n1,2 3\n",
      "2:5: both commas and blanks separate values; separate all by commas or all by blanks, "
        + "and write decimal points, not commas"
    ),
  ])
  func faults(_ text: String, _ message: String) throws {
    for pieceSize in [1, 1 << 19] {
      #expect(try outcome(text.utf8, ["pt", "eta"], pieceSize: pieceSize) == message)
    }
  }

  /// Many rows, in windows and pieces of any size.
  @Test func windowsAndPiecesOfAnySizeGiveTheSame() throws {
    let rows = (0..<500).map { "\($0),\($0 % 7 == 0 ? "\"a\n,\"" : "t\($0)"),\(2 * $0)" }
    let text = "pt,text,eta\n" + rows.joined(separator: "\n") + "\n"
    let expected = (0..<500).map { "\(2 * $0) \($0)" }.joined(separator: "|")
    for (windowSize, pieceSize) in [(1 << 20, 1 << 19), (1 << 20, 50), (64, 10), (333, 40)] {
      #expect(try outcome(text.utf8, ["eta", "pt"], windowSize: windowSize, pieceSize: pieceSize) == expected)
      let plain = text.replacing("\"a\n,\"", with: "b")
      #expect(try outcome(plain.utf8, ["eta", "pt"], windowSize: windowSize, pieceSize: pieceSize) == expected)
    }
    #expect(
      try outcome(("pt,eta\n1,2\n3," + String(repeating: "4", count: 100)).utf8, ["pt"], windowSize: 50)
        == "3: a row of more than 50 bytes; check that this is a text file, and that its quotation marks come in pairs")
  }
}

private let semicolonKey = "data.text: {separator: \";\", decimal: \",\"} (or a decimal \".\")"
