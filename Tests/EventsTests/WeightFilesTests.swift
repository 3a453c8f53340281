import Events
import Formats
import Machine
import MPI
import Testing
import TestSupport

private func npy(_ shape: [Int], _ values: [Double]) -> [UInt8] {
  npyHeader(shape: shape, descr: "<f8")
    + values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
}

/// The weights in a file, or the error without the file's name.
private func outcome(
  _ content: some Sequence<UInt8>, name: String = "w.txt", windowSize: Int = 1 << 20
) throws -> (values: [Double], fault: String) {
  let folder = try TemporaryFolder()
  let file = try folder.write(name, content)
  do { return (try readWeights(file: file, windowSize: windowSize), "") } catch {
    #expect(error.exitCode == .badData)
    return ([], String(error.description.dropFirst(file.count + 1)))
  }
}

@Suite struct WeightFilesTests {
  @Test(arguments: [
    "1e-15\n-2.5\n1e300\n", "# weights\nw\n1e-15\r\n-2.5\r\n\r\n 1e300 # last",
    "\"gen weight\"\n1e-15\n\"-2.5\"\n1e300\r",
    "\u{FEFF}1e-15\n-2.5\n\t1e300\t\n", "\n#\n1e-15\r-2.5\r1e300",
  ])
  func aNumberALine(_ text: String) throws {
    for windowSize in [16, 20, 1 << 20] {
      #expect(try outcome(text.utf8, windowSize: windowSize).values == [1e-15, -2.5, 1e300], "\(windowSize)")
    }
  }

  @Test(arguments: [
    ("1\nnan\n", "2:1: nan is not finite; leave the event out or give it a finite weight"),
    ("1\n 1e999\n", "2:2: 1e999 is beyond the range of float64; leave the event out or give it a finite weight"),
    ("1\nw\n", "2:1: \"w\" is not a number; write decimal numbers separated by blanks or commas"),
    ("v\nw\n1\n", "2:1: \"w\" is not a number; write decimal numbers separated by blanks or commas"),
    ("1 2 3\n", "1:3: more than one number in this line instead of one weight per event; write one number per line"),
    ("1\n1,2\n", "2:2: more than one number in this line instead of one weight per event; write one number per line"),
    ("w,v\n1,2\n", "1:1: \"w\" is not a number; write decimal numbers separated by blanks or commas"),
    ("1_000\n", "1:1: \"1_000\" is not a number; write decimal numbers separated by blanks or commas"),
    ("1\n0x10\n", "2:1: \"0x10\" is not a number; write numbers as in 1.5e+02, without an f or 0x"),
    ("", " an empty file; write the weights again, or name another file"),
  ])
  func faultsOfText(_ text: String, _ message: String) throws {
    #expect(try outcome(text.utf8).fault == message)
    if !text.isEmpty { #expect(try outcome(text.utf8, windowSize: 12).fault == message) }
  }

  @Test func arrays() throws {
    for shape in [[3], [3, 1], [1, 3]] {
      #expect(try outcome(npy(shape, [1e-15, -2.5, 1e300]), name: "w.npy").values == [1e-15, -2.5, 1e300])
    }
    #expect(try outcome(npy([1], [5])).values == [5])
    #expect(try outcome(npy([0], [])).values == [])
    #expect(
      try outcome(npy([3], [1, .nan, 3])).fault
        == " element [1] is nan; leave the event out or give it a finite weight")
    #expect(
      try outcome(npy([2, 2], [1, 2, 3, 4])).fault
        == " an array of shape (2, 2) instead of one weight per event; save an array of shape (events,)")
    #expect(
      try outcome(npy([3], [1, 2])).fault
        == " the header says shape (3,), which takes 24 bytes, but 16 bytes follow; the file is cut off: write or copy it "
        + "again")
    #expect(
      try outcome("1\n".utf8, name: "w.npy").fault
        == " named .npy, but it does not begin as a .npy file does; write it with numpy.save, or rename it if it is text"
    )
    #expect(try outcome([0x1F, 0x8B, 8]).fault == " a truncated gzip file; write or copy it again")
    let structured = "{'descr': [('w', '<f8')], 'fortran_order': False, 'shape': (0,), }"
    #expect(
      try outcome([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(structured.utf8.count), 0] + structured.utf8).fault
        == " a structured array instead of one weight per event; save one of its fields, or name it in data.weight if it "
        + "holds the events")
    // More than are read at a time.
    let many = (0..<20_000).map { Double($0) * 0.1 }
    #expect(try outcome(npy([20_000], many)).values == many)
    #expect(try outcome(many.map { "\($0)\n" }.joined().utf8, windowSize: 1000).values == many)
  }

  /// Each file of events has its own, in their order; what does not fit is refused.
  @Test func weightsOfProcesses() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.csv", "pt\n1\n2\n")
    try folder.write("b.npy", npy([3, 1], [3, 4, 5]))
    try folder.write("a.weights", "0.1\n-0.2\n")
    try folder.write("b_weights.npy", npy([3], [1e-15, 2, 3]))
    func read(_ files: [String], _ weights: [String]) throws(DataError) -> [Double]? {
      try readProcesses(
        [ProcessFiles(name: "s", files: files, weightFiles: weights)], directory: folder.path,
        EventRequest(layout: .eventsByRow, features: ["pt"]))[0].fileWeights()
    }
    func fault(_ files: [String], _ weights: [String]) -> String {
      do { return try read(files, weights).map { "\($0)" } ?? "none" } catch {
        return error.description.replacing(folder.path + "/", with: "")
      }
    }
    #expect(try read(["a.csv", "b.npy"], []) == nil)
    #expect(try read(["a.csv", "b.npy"], ["a.weights", folder("b_weights.npy")]) == [0.1, -0.2, 1e-15, 2, 3])
    #expect(
      fault(["a.csv", "b.npy"], ["b_weights.npy", "a.weights"])
        == "b_weights.npy: 3 weights for the 2 events of a.csv; write one number for each event, in the same order")
    #expect(
      fault(["a.csv", "b.npy"], ["a.weights"])
        == "process s: 1 weight file for 2 files; list one in weight_files for each of files, in the same order")
    #expect(fault(["a.csv"], ["missing"]).hasPrefix("missing: no such file;"))
    #expect(fault(["a.csv"], ["a.csv"]) == "a.csv: the same file as a.csv; list each file once")
    try folder.write("c.csv", "pt\n3\n4\n")
    #expect(
      fault(["a.csv", "c.csv"], ["a.weights", "./a.weights"])
        == "./a.weights: the same file as a.weights; list each file once")
  }

  /// The digest covers them, behind the events; without them it is what it was.
  @Test func digestsAndRecords() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.csv", "pt\n1\n2\n")
    try folder.write("b.csv", "pt\n3\n4\n")
    try folder.write("w", "0.1\n0.2\n")
    try folder.write("v", "0.1\n0.3\n")
    func load(_ weights: [[String]]) throws -> LoadedEvents {
      try EventLoader(
        processes: zip(["a", "b"], weights).map { ProcessFiles(name: $0, files: ["\($0).csv"], weightFiles: $1) },
        directory: folder.path, request: EventRequest(layout: .eventsByRow, features: ["pt"]),
        split: Split(train: 1, validation: 0, test: 0), seed: 1, scaling: .given(.identity(features: 1)),
        classWeights: .none
      ).load(.solo())
    }
    let plain = try load([[], []])
    #expect(plain.files.map(\.weights) == [nil, nil])
    let digests = try [[[], []], [["w"], []], [["v"], []], [[], ["w"]], [["w"], ["v"]], [["v"], ["w"]]].map {
      try load($0).digest
    }
    #expect(Set(digests).count == digests.count)
    let file = try #require(try load([["w"], []]).files.first)
    #expect(file.weights?.path == folder("w") && file.weights?.stamp.size == 8)
    #expect(try file.weights?.digest == FileDigest.hexDigest(ofFile: folder("w")))
    #expect(try file.isUnchanged() && file.firstChange() == nil)
    try folder.write("w", "0.1\n0.4\n")
    #expect(try !file.isUnchanged() && file.firstChange() == folder("w"))
  }

  @Test func memory() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", npy([1000, 1], (0..<1000).map { Double($0) }))
    try folder.write("w.npy", npy([1000], (0..<1000).map { Double($0) }))
    try folder.write("w.txt", (0..<1000).map { "\($0)\n" }.joined())
    func bytes(_ weights: [String], hasStore: Bool = true) -> Double {
      EventMemory(
        [ProcessFiles(name: "s", files: ["a.npy"], weightFiles: weights)], directory: folder.path,
        EventRequest(layout: .eventsByRow, features: ["pt"]), hasStore: hasStore
      ).bytes
    }
    // Those of an array stay in their file; of text they are kept, and take twice as much more while they are read.
    #expect(bytes(["w.npy"]) == bytes([]))
    #expect(bytes(["w.txt"]) == bytes([]) + 8000)
    #expect(bytes(["w.txt"], hasStore: false) == bytes([], hasStore: false) + 24000)
  }
}
