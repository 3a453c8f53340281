import FoundationEssentials
import Machine
import RunFiles
import Testing
import TestSupport

@Suite struct RunFileRobustnessTests {
  /// The error of reading a file with these `bytes`, which stands at `path`.
  func error(_ bytes: [UInt8], at path: String = "bad.yaml") throws -> (error: RunFileError?, path: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "runfile-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: path)
    try Data(bytes).write(to: file)
    return (#expect(throws: RunFileError.self) { try RunFile(contentsOf: file.path) }, file.path)
  }

  @Test func `a missing file and a directory`() {
    let missing = #expect(throws: RunFileError.self) { try RunFile(contentsOf: "/nowhere/a.yaml") }
    #expect(missing?.description == "/nowhere/a.yaml: there is no such file; check the path")
    #expect(missing?.exitCode == .missing)
    let directory = #expect(throws: RunFileError.self) { try RunFile(contentsOf: "/") }
    #expect(directory?.description == "/: not a file; give the path of a run file")
    #expect(directory?.exitCode == .missing)
    let device = #expect(throws: RunFileError.self) { try RunFile(contentsOf: "/dev/zero") }
    #expect(device?.exitCode == .missing)
    #expect(throws: RunFileError.self) { try RunFile(contentsOf: "") }
  }

  @Test func `a pipe is not waited for`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/pipe.yaml"
      try #require(unsafe mkfifo(path, 0o600) == 0)  // It reads its string and keeps nothing.
      let error = #expect(throws: RunFileError.self) { try RunFile(contentsOf: path) }
      #expect(error?.description == "\(path): not a file; give the path of a run file")
      #expect(error?.exitCode == .missing)
      try FileManager.default.createSymbolicLink(atPath: "\(directory)/link.yaml", withDestinationPath: "a.yaml")
      try put(shortest.utf8, "\(directory)/a.yaml")
      #expect(try RunFile(contentsOf: "\(directory)/link.yaml").name == "link")
    }
  }

  @Test func `a binary file`() throws {
    let (error, path) = try error(Array("a: 1\né: ".utf8) + [0x89, 0x48, 0x44, 0x46])
    #expect(
      error?.description == "\(path):2:4: this byte is not UTF-8 text; a run file is a YAML text, see data/hh-bbww.yaml"
    )
    #expect(error?.exitCode == .usage)
  }

  @Test func `an empty file`() throws {
    #expect(try error([]).error?.message.hasPrefix("the file is empty") == true)
  }

  @Test func `a huge file`() throws {
    let (error, path) = try error([UInt8](repeating: 0x23, count: 1_000_001))
    #expect(
      error?.description == "\(path): 1000001 bytes are too many (at most 1000000); give the path of a run file")
    #expect(error?.exitCode == .usage)
  }

  @Test(
    arguments: [
      "[", "{", "{a: ", "[{a: ", "- ", "? ", "a: ", "a: [", "!!seq [", "&a [", "*a ", "[[{? ", "%TAG ! a\n", "---\n",
      "...\n", "a: 1\n", "'", "\"", "|\n", ">\n", "#", "\n", " ", "\t", ",", ":", "!", "!!x a,", "e\u{301}\u{323}",
      "\u{2028}",
    ]) func `a megabyte of the same is refused in one line`(_ text: String) throws
  {
    try expectOneLine(repeated(text, size: 1_000_000))
  }

  /// In each of them something would take minutes, if it took a time that grows with the square of the size.
  @Test func `a hostile megabyte is refused in one line`() throws {
    let directives = (0..<50_000).map { "%TAG !a\($0)! b\n" }.joined()
    let keys = (0..<49_000).map { "x\($0): 1\n" }.joined()
    let (marks, written) = ("\u{301}\u{323}", "\\u0301\\u0323")
    try expectOneLine("# c\n" + directives + "--- a")
    try expectOneLine(shortest + "\n...\n" + directives)
    try expectOneLine(shortest + "\n" + directives)
    try expectOneLine(keys)
    try expectOneLine("x: 1\n" + keys)
    try expectOneLine("? " + repeated("a", size: 900_000) + "\n: 1")
    try expectOneLine(shortest + "\nname: e" + repeated(marks, size: 900_000))
    try expectOneLine(shortest + "\nname: \"e" + repeated(written, size: 900_000) + "\"")
    try expectOneLine(shortest + "\nname: !" + repeated("%CC%81%CC%A3", size: 900_000) + " x")
    try expectOneLine("? \"e" + repeated(written, size: 900_000) + "\"\n: 1")
    // As many values as may be.
    try expectOneLine("data: {features: [" + repeated("a,", size: 199_000) + "]}")
    try expectOneLine("data: {processes: [" + repeated("{},", size: 299_000) + "]}")
    try expectOneLine("data: {processes: [" + repeated("{nmae: x},", size: 330_000) + "]}")
    try expectOneLine(shortest + "\nnetwork: {activation: [" + repeated("rel,", size: 399_000) + "]}")
    try expectOneLine(shortest + "\nname: " + repeated("x", size: 900_000))
    try expectOneLine(shortest + "\nname: >\n" + repeated("  x\n", size: 900_000))
    try expectOneLine("name: [*a, " + repeated("[", size: 900_000))
    try expectOneLine((0..<1300).map { String(repeating: " ", count: $0) + "a:\n" }.joined())
  }

  func repeated(_ text: String, size: Int) -> String { String(repeating: text, count: size / text.utf8.count) }

  /// Expects that `yaml` is refused as a run file and as an override, in a line that can be read.
  func expectOneLine(_ yaml: String) throws {
    let file = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }
    let override = #expect(throws: RunFileError.self) {
      try RunFile(yaml: shortest, named: "a.yaml", overrides: [("name", yaml)])
    }
    for error in [try #require(file), try #require(override)] {
      let line = error.description
      let isOneLine = !line.unicodeScalars.contains { $0.isInvisible }
      #expect(error.exitCode == .usage && line.utf8.count < 2500 && isOneLine, "\(line)")
    }
    #expect(file?.place.hasPrefix("a.yaml:") == true)
  }

  @Test func `a control character in an override`() {
    let value = "{a: \u{1}\(String(repeating: "x", count: 10_000))}"
    let error = #expect(throws: RunFileError.self) {
      try RunFile(yaml: shortest, named: "a.yaml", overrides: [("name", value)])
    }
    #expect(error?.message == "the character \\u{01} cannot be in YAML; remove it")
  }

  @Test func `an override of a hundred thousand keys`() {
    let key = Array(repeating: "a", count: 100_000).joined(separator: ".")
    #expect(throws: RunFileError.self) { try RunFile(yaml: shortest, named: "a.yaml", overrides: [(key, "1")]) }
  }

  @Test func `a hundred thousand values`() {
    func error(_ elements: Int) -> String? {
      let yaml = "name: [\(String(repeating: "a,", count: elements))]"
      return #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }?.description
    }
    // The file, its key and the list are three of them.
    #expect(error(99_997) == "a.yaml:1:7: name is a list; give a text of one line")
    #expect(error(99_998) == "a.yaml:1:200002: more than 100000 keys and values; a run file has some hundred")
  }

  @Test func `the deepest levels`() {
    func error(_ levels: Int) -> String? {
      let yaml = shortest + "\nname: " + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
      return #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }?.description
    }
    // The file itself is the first.
    #expect(error(63) == "a.yaml:4:7: name is a list; give a text of one line")
    #expect(error(64) == "a.yaml:4:70: nested more than 64 levels deep; a run file needs five")
  }

  @Test func `stars, ampersands and percent signs that are no aliases, anchors and directives`() throws {
    let yaml = shortest + "\nname: 'a & *b'  # [*c] &d\noutput: {directory: x*y&z}\n"
    let run = try RunFile(yaml: yaml, named: "a.yaml")
    #expect(run.name == "a & *b" && run.output.directory == "x*y&z")
  }

  /// Its list of features grows by the blanks behind the commas.
  @Test func `a file that is too large once it is written out`() {
    let features = (0..<90_000).map { "x____\($0)" }.joined(separator: ",")
    let yaml = "data: {processes: [{name: s, files: [s]}, {name: b, files: [b]}], features: [\(features)]}"
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }
    #expect(yaml.utf8.count < 1_000_000 && error?.message.contains("bytes are too many") == true)
  }

  @Test func `twenty thousand mutations give a run file or one line`() throws {
    let pieces = [
      "[", "]", "{", "}", ":", ": ", ",", "- ", "\n", "  ", "\t", "#", "\"", "'", "&a", "*a", "!!", "!", "|", ">", "%",
      "@", "`", "?", "---", "...", "~", "null", "true", "yes", "1e400", "-", "0", "9999999999999999999999", ".nan",
      "\u{0}", "\u{85}", "\u{2028}", "\u{FEFF}", "é", "\\", "<<", "=",
    ].map { Array($0.utf8) }
    var random = SplitMix(state: 2718)
    var valid = 0
    let original = Array(fullest.utf8)
    for round in 0..<20_000 {
      var bytes = original
      for _ in 0...random.next(below: 2) {
        let place = random.next(below: bytes.count)
        let end = min(bytes.count, place + random.next(below: 12))
        switch random.next(below: 5) {
        case 0: bytes.replaceSubrange(place..<end, with: [])
        case 1: bytes[place] = UInt8(random.next(below: 128))
        case 2: bytes.insert(contentsOf: pieces[random.next(below: pieces.count)], at: place)
        case 3: bytes.replaceSubrange(place..<end, with: pieces[random.next(below: pieces.count)])
        default: bytes.insert(contentsOf: bytes[place..<end], at: random.next(below: bytes.count))
        }
      }
      let yaml = String(decoding: bytes, as: UTF8.self)
      do {
        let run = try RunFile(yaml: yaml, named: "/m/a.yaml")
        valid += 1
        let again = try RunFile(yaml: run.yaml(), named: "/n/b.yaml")
        #expect(again == run, "round \(round): \(yaml)")
      } catch {
        let isOneLine = !error.description.unicodeScalars.contains { $0.properties.generalCategory == .control }
        #expect(
          isOneLine && error.place.hasPrefix("/m/a.yaml:") && error.exitCode == .usage, "round \(round): \(error)")
      }
    }
    // The mutations are neither all fatal nor all harmless.
    #expect(valid > 500 && valid < 19_000, "\(valid) valid")
  }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
private struct SplitMix {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
