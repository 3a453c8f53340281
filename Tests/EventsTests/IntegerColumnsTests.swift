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

@Suite struct IntegerColumnsTests {
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
      for windowSize in [30, 41, 1 << 20] {
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
        == "4:5: \"\(shown)\" is not a whole number below 2^64; write what identifies an event in digits alone")
  }

  @Test func columnsThatAreNotNamed() throws {
    let request = EventRequest(layout: .eventsByRow, identity: ["run", "event"])
    #expect(
      try outcome("1,2\n".utf8, request).fault
        == " no header names the columns, where run, event identify an event; "
        + "write the names of the columns into the first line")
    #expect(
      try outcome("run,pt\n1,2\n".utf8, request).fault
        == " the header names no column event; write the identity's columns and the header alike, each name once; "
        + "the header names run, pt")
    #expect(
      try outcome(npyHeader(shape: [0, 2], descr: "<f4"), request).fault
        == " columns without names, where run, event identify an event; write the events as text with a header")
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
    #expect(read[0].table.features == 1 && read[0].table.events == 5003)
    #expect(read[0].table.integers == [(0..<5003).map { UInt64.max - $0 }])
    #expect(read[0].table.values == (0..<5003).map { Float($0) })
  }
}
