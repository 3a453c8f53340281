import Events
import Formats
import Machine
import Testing
import TestSupport

private let label = CategoryColumn(column: "Label", key: "data.label", values: [["s", "1"], ["b", "0", "tt H", "é"]])

/// What reading `text` gives beside its features, or the error without the file's name.
private func outcome(
  _ text: some Sequence<UInt8>, _ request: EventRequest, name: String = "events.csv"
) throws -> (table: EventTable?, fault: String) {
  let folder = try TemporaryFolder()
  let file = try folder.write(name, text)
  do { return (try readEvents(file: file, request), "") } catch {
    #expect(error.exitCode == .badData)
    return (nil, String(error.description.dropFirst(file.count + 1)))
  }
}

@Suite struct EventColumnsTests {
  private func request(
    _ features: [String] = ["pt"], identity: [String] = [], numbers: [NumberColumn] = [],
    categories: [CategoryColumn] = [],
    windowSize: Int = 1 << 20, pieceSize: Int = 1 << 19
  ) -> EventRequest {
    EventRequest(
      layout: .featuresByRow, features: features, identity: identity, numbers: numbers, categories: categories,
      windowSize: windowSize, pieceSize: pieceSize)
  }

  /// Columns of all kinds, in windows and pieces of any size; one for two purposes, one wanted twice.
  @Test func columnsOfAllKinds() throws {
    let text = """
      w,Label, pt ,run,event,w 2,text
      1e-15,s,1,1,18446744073709551615,1e300,"a
      b"
      -0.10000000000000000555, 1.0 ,2,1,9007199254740993,-1e-300,x
      3,"b",3,2,9007199254740992,0.3,x
      4,tt H # b,4,2,0,0.1
      5,é,5,3,7,1,
      6,1e0 ,6,3,7,1, # last
      7,"0",7,3,"8","1.5", x
      """.replacing("4,tt H # b,4,2,0,0.1", with: "4,\"tt H\",4,2,0,0.1,x")
    for (windowSize, pieceSize) in [(1 << 20, 1 << 19), (1 << 20, 10), (80, 20), (200, 30)] {
      let request = request(
        ["pt", "w"], identity: ["event", "run", "event"], numbers: ["w", "w 2", "pt", "w"],
        categories: [label, CategoryColumn(column: "run", key: "split.column", values: [["1"], ["2", "3.0"]])],
        windowSize: windowSize, pieceSize: pieceSize)
      let (table, fault) = try outcome(text.utf8, request)
      let found = try #require(table, "\(fault)")
      #expect(found.columnNames == ["pt", "w"])
      #expect(found.values == [1, 1e-15, 2, -0.1, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7])
      let w = [1e-15, -0.1, 3, 4, 5, 6, 7]
      #expect(found.numbers == [w, [1e300, -1e-300, 0.3, 0.1, 1, 1, 1.5], [1, 2, 3, 4, 5, 6, 7], w])
      let events: [UInt64] = [.max, 1 << 53 + 1, 1 << 53, 0, 7, 7, 8]
      #expect(found.integers == [events, [1, 1, 2, 2, 3, 3, 3], events])
      #expect(found.categories == [[0, 0, 1, 1, 1, 0, 1], [0, 0, 1, 1, 1, 1, 1]])
    }
  }

  @Test func otherSeparatorsAndHeaders() throws {
    let request = request(["pt"], identity: ["n"], numbers: ["w"], categories: [label])
    for text in [
      "pt w n Label\n1 0.5 3 s\n2 0.25 4 b # x\n", "# pt w n Label\n1 0.5 3 s\n2 0.25 4 b\n",
      "pt\tLabel\tw\tn\n1\ts\t0.5\t3\n2\ttt H\t0.25\t4\n", "\u{FEFF}Label,n,pt,w\r\ns,3,1,0.5\r\nb # 1, 2,4,2,0.25\r\n",
      "\"Label\",\"n\",\"pt\",\"w\"\n\"s\",\"3\",\"1\",\"0.5\"\n\"tt H\",\"4\",\"2\",\"0.25\"\n",
      "n,pt,w,Label\n3,1,0.5,s # signal, say\n4,2,0.25,b #,\n",
    ] where !text.contains("b # 1, 2") {
      let (table, fault) = try outcome(text.utf8, request)
      #expect(
        table?.values == [1, 2] && table?.numbers == [[0.5, 0.25]] && table?.integers == [[3, 4]], "\(text) \(fault)")
      #expect(table?.categories == [[0, 1]], "\(text)")
    }
  }

  @Test(arguments: [
    ("pt,w,Label\n1,nan,s\n", "2:3: nan is not finite; leave the event out or give it a finite weight"),
    ("pt,w,Label\n1,1,s\n1,-inf,s\n", "3:3: -inf is not finite; leave the event out or give it a finite weight"),
    (
      "pt,w,Label\n1,1e309,s\n",
      "2:3: 1e309 is beyond the range of float64; leave the event out or give it a finite weight"
    ),
    ("pt,w,Label\n1,,s\n", "2:3: a value is missing; write a value there, and no separator after the last one"),
    ("pt,w,Label\n1,1_000,s\n", "2:3: \"1_000\" is not a number; write decimal numbers separated by blanks or commas"),
    ("pt,w,Label\n1,0x1p3,s\n", "2:3: \"0x1p3\" is not a number; write numbers as in 1.5e+02, without an f or 0x"),
    ("pt,w,Label\n1,\"1,s\n", "2:3: \"\"1\" is not a number; write decimal numbers separated by blanks or commas"),
    (
      "pt,w,Label\n1,1,x\n",
      "2:5: 'x' in column Label is none of the values that data.label lists: s, 1, b, 0, tt H, é; list it in data.label, "
        + "or leave the event out"
    ),
    (
      "é,pt,w,Label\né,1,1,\"a, \"\"b\"\"\"\n",
      "2:7: 'a, \"b\"' in column Label is none of the values that data.label lists: s, 1, b, 0, tt H, é; list it in "
        + "data.label, or leave the event out"
    ),
    (
      "pt,w,Label\n1,1,\n",
      "2:5: '' in column Label is none of the values that data.label lists: s, 1, b, 0, tt H, é; list it in data.label, or "
        + "leave the event out"
    ),
    (
      "pt,W,Label\n1,1,s\n", " no column is named w; did you mean W? the header names pt, W, Label"
    ),
    (
      "pt,mass,Label\n1,1,s\n",
      " no column is named w; check data.weight: the header names pt, mass, Label"
    ),
    (
      "pt,w,Labels\n1,1,s\n", " no column is named Label; did you mean Labels? the header names pt, w, Labels"
    ),
    ("pt,w,w,Label\n1,1,1,s\n", " several columns are named w; give every column a unique name"),
    ("pt,w,Label,Label\n1,1,s,s\n", " several columns are named Label; give every column a unique name"),
    (
      "1 2 3\n",
      " no header names the columns, but data.weight names w; write the names of the columns into the first line, or "
        + "put the weights in separate files (weight_files)"
    ),
  ])
  func faults(_ text: String, _ message: String) throws {
    for pieceSize in [1, 1 << 19] {
      let request = request(numbers: ["w"], categories: [label], pieceSize: pieceSize)
      #expect(try outcome(text.utf8, request).fault == message)
    }
  }

  /// What has no names is read where nothing is wanted by name.
  @Test func arraysWithoutNames() throws {
    let array = npyHeader(shape: [1, 2], descr: "<f4") + [UInt8](repeating: 0, count: 8)
    #expect(try outcome(array, request()).table?.events == 2)
    #expect(
      try outcome(array, request(numbers: ["w", "v"])).fault
        == " columns without names, but data.weight names w, v; save a structured array, or write text with a header, or put "
        + "the weights in separate files (weight_files)")
    #expect(
      try outcome(array, request(categories: [label])).fault
        == " columns without names, but data.label names Label; save a structured array, or write text with a header")
  }

  @Test func valuesThatAreListedTwice() {
    func collision(_ values: [[String]]) -> String? {
      CategoryColumn(column: "x", key: "k", values: values).collision.map { "\($0.value) \($0.groups)" }
    }
    #expect(collision([["1", "2"], ["3"]]) == nil)
    #expect(collision([["1", "2"], ["3", "1.0"]]) == "1.0 (0, 1)")
    #expect(collision([["s"], ["b"], ["b"]]) == "b (1, 2)")
    #expect(collision([["0", "-0"]]) == "-0 (0, 0)")
    #expect(
      collision([["s"], ["S"], ["9007199254740993"], ["9007199254740992"], ["nan"], ["0x1"], ["1_0"], [""]]) == nil)
  }
}
