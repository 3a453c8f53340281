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

  @Test(arguments: ["[", "{", "{a: ", "[{a: ", "- ", "? ", "a: [", "!!seq [", "&a [", "[[{? "])
  func `a hundred thousand levels`(_ opening: String) {
    let yaml = String(repeating: opening, count: 100_000)
    #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }
    #expect(throws: RunFileError.self) { try RunFile(yaml: shortest + "\nname: " + yaml, named: "a.yaml") }
    #expect(throws: RunFileError.self) { try RunFile(yaml: shortest, named: "a.yaml", overrides: [("name", yaml)]) }
  }

  @Test func `block sections a thousand levels deep`() {
    let yaml = (0..<1300).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }
    #expect(error?.message == "nested too deeply; a run file needs five levels")
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

  @Test func `an alias bomb`() {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...60 {
      yaml += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    for end in [
      "name: *a60", "data: {features: *a60}", "training: *a60", "data: {processes: *a60}", "network: {hidden: *a60}",
    ] {
      #expect(throws: RunFileError.self) { try RunFile(yaml: yaml + end, named: "a.yaml") }
    }
  }

  @Test func `an alias bomb as a key`() {
    // The parser takes the hash of every key with all that it stands for.
    var yaml = "a0: &a0 [x, x]\n"
    for level in 1...60 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml + "? *a60 : 1", named: "a.yaml") }
    #expect(error?.description == "a.yaml:1:1: its aliases (*…) stand for too much; write out what is meant")
  }

  @Test func `a list deeper than the stack by aliases`() {
    let yaml = shortest + "\nname: [&a x" + String(repeating: ", &a [*a]", count: 100_000) + "]"
    #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }
  }

  @Test func `stars and ampersands that are no aliases`() throws {
    let yaml = shortest + "\nname: 'a & *b'  # [*c] &d\noutput: {directory: &d x*y&z}\n"
    let run = try RunFile(yaml: yaml, named: "a.yaml")
    #expect(run.name == "a & *b" && run.output.directory == "x*y&z")
  }

  /// Its list of features grows by the blanks behind the commas.
  @Test func `a file that is too large once it is written out`() {
    let features = (0..<130_000).map { "x\($0)" }.joined(separator: ",")
    let yaml = "data: {processes: [{name: s, files: [s]}, {name: b, files: [b]}], features: [\(features)]}"
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a.yaml") }
    #expect(yaml.utf8.count < 1_000_000 && error?.message.contains("bytes are too many") == true)
  }

  /// The file is small, what it says is not.
  @Test func `a long text a hundred thousand times`() {
    let long = "output: {directory: &a \(String(repeating: "1", count: 400_000))}\n"
    let list = "[\(String(repeating: "*a , ", count: 100_000))3]\n"
    for section in ["network: {hidden: ", "data: {features: "] {
      #expect(throws: RunFileError.self) { try RunFile(yaml: long + section + list + "}", named: "a.yaml") }
    }
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
    #expect(valid > 1000 && valid < 19_000, "\(valid) valid")
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
