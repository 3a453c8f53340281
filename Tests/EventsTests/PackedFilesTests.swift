import Events
import Formats
import FuzzReaders
import Machine
import TestSupport
import Testing

private func array(_ values: [Float], shape: [Int]) -> [UInt8] {
  npyHeader(shape: shape, descr: "<f4") + values.flatMap { littleEndian(Int($0.bitPattern), 4) }
}

private func doubles(_ values: [Double]) -> [UInt8] {
  npyHeader(shape: [values.count], descr: "<f8")
    + values.flatMap { littleEndian(Int(bitPattern: UInt($0.bitPattern)), 8) }
}

private func outcome(_ content: [UInt8], _ request: EventRequest, name: String = "events") throws -> (
  table: EventTable?, fault: String
) {
  let folder = try TemporaryFolder()
  let file = try folder.write(name, content)
  do { return (try readEvents(file: file, request), "") } catch {
    #expect(error.exitCode == .badData)
    return (nil, String(error.description.dropFirst(file.count)))
  }
}

@Suite struct PackedFilesTests {
  private let plain = EventRequest(layout: .eventsByRow, features: ["x", "y"])

  /// Text and arrays in gzip files, of one member or several, in windows of any size.
  @Test func gzipFiles() throws {
    let rows = (0..<3000).map { "\($0) \(Float($0) / 7)\n" }.joined()
    let expected = try outcome(Array(rows.utf8), plain).table
    for (windowSize, pieceSize) in [(1 << 20, 1 << 19), (5000, 1000), (200, 50)] {
      var request = plain
      (request.windowSize, request.pieceSize) = (windowSize, pieceSize)
      let middle = Array(rows.utf8.prefix(9999)), rest = Array(rows.utf8.dropFirst(9999))
      for packed in [
        gzip(Array(rows.utf8)), gzip(middle) + gzip(rest), gzip(middle) + gzip([]) + gzip(rest) + [0, 0, 0],
      ] {
        let (table, fault) = try outcome(packed, request)
        #expect(table?.values == expected?.values && table?.events == 3000, "\(fault)")
      }
      let named = try outcome(gzip(Array(("y x\n" + rows).utf8)), request)
      #expect(named.table?.columnNames == ["x", "y"] && named.table?.events == 3000, "\(named.fault)")
      let values = (0..<4000).map { Float($0) }
      let (table, fault) = try outcome(gzip(array(values, shape: [2000, 2])), request)
      #expect(table?.values == values, "\(fault)")
    }
  }

  @Test func faultsOfGzipFiles() throws {
    let good = gzip(Array("1 2\n3 4\n".utf8))
    var damaged = good
    damaged[damaged.count - 6] ^= 1
    #expect(
      try outcome(damaged, plain).fault
        == ": a gzip file with damaged compressed data; write or copy the file again")
    #expect(try outcome(good.dropLast(3), plain).fault == ": a truncated gzip file; write or copy it again")
    #expect(try outcome([0x1F, 0x8B, 8], plain).fault == ": a truncated gzip file; write or copy it again")
    #expect(
      try outcome(good + [7], plain).fault == ": a gzip file followed by other data; write or copy it again")
    #expect(try outcome(gzip([]), plain).fault.hasPrefix(": an empty file"))
    #expect(try outcome(gzip(good), plain).fault.hasPrefix(": a gzip file in a gzip file, which cannot be read"))
    #expect(
      try outcome(gzip(zip([("a.npy", doubles([1]))])), plain).fault
        == ": a .npz file in a gzip file, which cannot be read; unpack it with gunzip")
    let values = array([1, 2, 3, 4], shape: [2, 2])
    #expect(try outcome(gzip(values.dropLast(4)), plain).fault.contains("the file is cut off"))
    #expect(try outcome(gzip(values + [0]), plain).fault.contains("save one array per file"))
    var narrow = plain
    narrow.windowSize = 150
    #expect(try outcome(gzip(values + values), narrow).fault.contains("which takes 16 bytes, but 160 bytes follow"))
    #expect(try outcome(gzip(Array("1 2\nx 4\n".utf8)), plain).fault.hasPrefix(":2:1: \"x\" is not a number"))
  }

  /// Neither a header nor the last bytes of a gzip file are believed before the bytes are there.
  @Test func sizesThatAreNotThere() throws {
    let values = npyHeader(shape: [1 << 40, 2], descr: "<f8") + [UInt8](repeating: 0, count: 3000)
    var request = plain
    request.windowSize = 300
    #expect(try outcome(gzip(values), request).fault.contains("the file is cut off"))
    let damaged = gzip(values).dropLast(4) + [0xFF, 0xFF, 0xFF, 0xFF]
    #expect(
      try outcome(Array(damaged), request).fault
        == ": a gzip file with damaged compressed data; write or copy the file again")
  }

  /// A name in an archive does not fill the terminal.
  @Test func longNames() throws {
    var archive = zip([(String(repeating: "a", count: 5000) + ".npy", array([1], shape: [1]))])
    let directory = try #require(archive.indices.last { archive[$0...].starts(with: Array("PK".utf8) + [1, 2]) })
    archive[directory + 8] |= 1
    let fault = try outcome(archive, plain, name: "e.npz").fault
    #expect(fault.contains("which is encrypted") && fault.utf8.count < 300)
  }

  /// One array, or columns; stored, packed, with the sizes of zip64, and with sizes behind the members.
  @Test(arguments: [
    ZipForm(), ZipForm(isDeflated: true), ZipForm(isZip64: true), ZipForm(isDeflated: true, isZip64: true),
    ZipForm(hasDescriptors: true), ZipForm(isDeflated: true, hasDescriptors: true),
  ])
  func archives(_ form: ZipForm) throws {
    func read(_ members: [(String, [UInt8])], _ request: EventRequest) throws -> EventTable? {
      let (table, fault) = try outcome(
        zip(members.map { ($0.0, $0.1) }, form), request, name: "e.npz")
      #expect(fault == "")
      return table
    }
    #expect(try read([("arr_0.npy", array([1, 2, 3, 4], shape: [2, 2]))], plain)?.values == [1, 2, 3, 4])
    let n = npyHeader(shape: [2], descr: "<u8") + littleEndian(-1, 8) + littleEndian(7, 8)
    let label = npyHeader(shape: [2], descr: "|S1") + Array("sb".utf8)
    let members = [
      ("y.npy", doubles([1e-300, 0.5])), ("other.npy", array([1, 2, 3, 4], shape: [2, 2])), ("n.npy", n),
      ("x.npy", array([3, 4], shape: [2])), ("l.npy", label), ("README", Array("text".utf8)),
    ]
    var request = plain
    (request.identity, request.numbers) = (["n"], ["y", "x"])
    request.categories = [CategoryColumn(column: "l", key: "data.label", values: [["b"], ["s"]])]
    let table = try read(members, request)
    #expect(table?.values == [3, 0, 4, 0.5] && table?.columnNames == ["x", "y"])
    #expect(table?.numbers == [[1e-300, 0.5], [3, 4]] && table?.integers == [[.max, 7]])
    #expect(table?.categories == [[1, 0]])
    request.takesFeatures = false
    #expect(try read(members, request)?.events == 2)
  }

  @Test func faultsOfArchives() throws {
    func fault(_ members: [(String, [UInt8])], change: (inout [UInt8]) -> Void = { _ in }) throws -> String {
      var archive = zip(members.map { ($0.0, $0.1) }, ZipForm(isDeflated: true))
      change(&archive)
      return try outcome(archive, plain, name: "e.npz").fault
    }
    let (x, y) = (array([1, 2], shape: [2]), doubles([1, 2]))
    #expect(
      try fault([("x.npy", x), ("y.npy", array([1, 2], shape: [1, 2]))])
        == ": y is an array of shape (1, 2) among 2 arrays; save it in a file of its own (numpy.save), or each of its columns as an array "
        + "of shape (events,)")
    #expect(
      try fault([("x.npy", x), ("y.npy", doubles([1]))])
        == ": y has 1 value, but x has 2; save arrays with one value per event")
    #expect(
      try fault([("x.npy", x), ("Y.npy", y)]).hasPrefix(": no column is named y; did you mean Y? the .npz file names"))
    #expect(try fault([("x.npy", x), ("y.npy", [1, 2, 3])]).contains("y: not a .npy file despite its name"))
    #expect(try fault([("x.txt", x)]) == ": a zip archive without a .npy file; write it with numpy.savez")
    #expect(
      try fault([("x.npy", x), ("y.npy", y)]) { $0[170] ^= 1 }
        == ": x is damaged in this .npz file; write or copy the file again")
    for count in [1, 30, 100] {
      #expect(
        try fault([("x.npy", x), ("y.npy", y)]) { $0.removeLast(count) }
          .hasPrefix(": a zip archive whose directory is damaged or missing"))
    }
    #expect(
      try fault([("x.npy", array([1, .nan], shape: [2])), ("y.npy", y)])
        == ": element [1] of column x is nan; leave the event out or give the feature a finite value")
  }

  @Test func weightsMemoryAndDigest() throws {
    let folder = try TemporaryFolder()
    try folder.write("e.gz", gzip(Array("1 2\n3 4\n".utf8)))
    try folder.write("w.gz", gzip(Array("0.5\n2\n".utf8)))
    try folder.write("v.npz", zip([("arr_0.npy", doubles([0.25, 4]))]))
    try folder.write("u.npy.gz", gzip(doubles([7, 8])))
    for (name, weights) in [("w.gz", [0.5, 2]), ("v.npz", [0.25, 4]), ("u.npy.gz", [7, 8])] {
      let process = ProcessFiles(name: "p", files: ["e.gz"], weightFiles: [name])
      let read = try readProcesses([process], directory: folder.path, plain)
      #expect(try read[0].fileWeights() == weights && read[0].table().values == [1, 2, 3, 4])
    }
    try folder.write("a.npz", zip([("x.npy", doubles([1, 2, 3])), ("y.npy", doubles([1, 2, 3]))]))
    try folder.write("b.npy.gz", gzip(array([1, 2, 3, 4, 5, 6], shape: [3, 2])))
    for name in ["a.npz", "b.npy.gz"] {
      let memory = EventMemory([ProcessFiles(name: "p", files: [name])], directory: folder.path, plain)
      #expect(memory.events == 3 && memory.features == 2 && !memory.isEstimate, "\(name)")
    }
  }
}
