import Events
import Formats
import Foundation
import Machine
import Testing
import TestSupport

/// The error that reading `file` gives.
private func fault(_ file: String) -> DataError? {
  do {
    _ = try readEvents(file: file, EventRequest(layout: .eventsByRow))
  } catch { return error }
  return nil
}

@Suite struct EventReaderTests {
  @Test func missingFiles() throws {
    let folder = try TemporaryFolder()
    let error = fault(folder("absent.txt"))
    #expect(error?.exitCode == .missing)
    #expect(
      error?.description == "\(folder("absent.txt")): no such file; "
        + "looked in the directory \(folder.path), which exists: check the file's name")
    #expect(
      fault(folder("no/absent.txt"))?.description == "\(folder("no/absent.txt")): no such file; "
        + "the directory \(folder("no")) does not exist: check data.directory and the file's path")
  }

  @Test func directories() throws {
    let folder = try TemporaryFolder()
    let error = fault(folder.path)
    #expect(error?.exitCode == .missing)
    #expect(error?.description == "\(folder.path): a directory, not a file; name the event files in it")
  }

  @Test func pipesDoNotBlock() throws {
    let folder = try TemporaryFolder()
    #expect(unsafe mkfifo(folder("pipe"), 0o600) == 0)
    #expect(fault(folder("pipe"))?.what == "not a regular file but a pipe or device")
  }

  /// Asks the function that names the error, since the superuser may read any file.
  @Test func unreadableFiles() {
    let error = DataError(FileError.system(.read, path: "events.txt", errno: EACCES))
    #expect(error.exitCode == .missing)
    #expect(error.what == "not readable for this user")
    let failed = DataError(FileError.system(.read, path: "events.txt", errno: EIO))
    #expect(failed.exitCode == .inputOutput)
    #expect(failed.what == "cannot be read: Input/output error")
  }

  @Test(
    arguments: [
      ("an HDF5 file", [0x89] + Array("HDF\r\n\u{1A}\n".utf8)),
      ("a ROOT file", Array("root\0\0".utf8)), ("an empty zip archive", Array("PK\u{5}\u{6}".utf8)),
      ("a Parquet file", Array("PAR1\u{15}".utf8)), ("text in UTF-16", [0xFF, 0xFE, 49, 0]),
    ] as [(String, [UInt8])])
  func foreignFormats(_ name: String, _ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let error = fault(try folder.write("events.txt", bytes))
    #expect(error?.exitCode == .badData)
    #expect(error?.what == "\(name), which cannot be read")
  }

  /// What a file begins with goes before its name, and its name before what other formats begin with.
  @Test func theFirstReaderThatRecognisesAFileReadsIt() throws {
    let folder = try TemporaryFolder()
    let array = npyHeader(shape: [1, 1], descr: "<f4") + [0, 0, 128, 63]
    for name in ["a.txt", "a.npy"] {
      #expect(try readEvents(file: folder.write(name, array), EventRequest(layout: .eventsByRow)).values == [1])
    }
    #expect(fault(try folder.write("b.npy", [0x28, 0xB5, 0x2F, 0xFD]))?.what.hasPrefix("named .npy, but") == true)
    #expect(fault(try folder.write("b.txt", ""))?.what == "an empty file")
  }

  @Test func columnsNamedLikeAFormat() throws {
    let folder = try TemporaryFolder()
    #expect(
      try readEvents(file: folder.write("a.csv", "root_s,PK\n1,2\n"), EventRequest(layout: .eventsByRow)).events == 1)
  }

  @Test func messagesStayOnOneLine() {
    let error = DataError(.badData, file: "a\nb", line: 3, column: 4, what: "tab\there", advice: "esc \u{1B}[0m")
    #expect(error.description == "a\\nb:3:4: tab\\there; esc \\u{1B}[0m")
  }

  /// Mutations of valid files must give an error that lies in the file or a full table of finite values, never a trap.
  @Test(arguments: [FileLayout.eventsByRow, .featuresByRow])
  func mutatedFiles(_ layout: FileLayout) throws {
    let folder = try TemporaryFolder()
    let seeds: [[UInt8]] = [
      Array("pt,\"e,ta\"\r\n1.5,-2e3\r\n# c\r\n3,4\r\n".utf8), Array("1.25 2\n-3e-40 4 #x\n\n5 6".utf8),
      npyHeader(shape: [2, 3], descr: "<f4") + [UInt8](repeating: 1, count: 24),
      npyHeader(shape: [3, 2], descr: ">f8") + [UInt8](repeating: 63, count: 48),
    ]
    let pieces: [[UInt8]] = [
      "\n", "\r", ",", " ", "#", "\"", "nan", "1e999", "-", "e", ".", "(", ")", "{", "'", "9999999999999999999", "\0",
    ].map { Array($0.utf8) }
    var random = SeededGenerator(state: layout == .eventsByRow ? 4 : 5)
    let file = try folder.write("mutated", "")
    let handle = try #require(FileHandle(forWritingAtPath: file))
    var (tables, errors) = (0, 0)
    for _ in 0..<50_000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: position)
        case 2: bytes.removeLast(bytes.count - position)
        case 3: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: position)
        default: bytes[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
        }
      }
      // Opening with O_TRUNC instead would have some file systems flush every file to the disk.
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: Data(bytes))
      try handle.truncate(atOffset: UInt64(bytes.count))
      do {
        let table = try readEvents(
          file: file,
          EventRequest(
            layout: layout, windowSize: Int.random(in: 150...400, using: &random),
            pieceSize: Int.random(in: 1...200, using: &random)))
        try #require(table.values.count == table.events * table.features && table.features > 0)
        try #require(table.values.allSatisfy { $0.isFinite })
        tables += 1
      } catch let error as DataError {
        try #require(error.exitCode == .badData && error.line ?? 1 >= 1 && error.column ?? 1 >= 1)
        try #require((error.column ?? 1) <= bytes.count + 1 && (error.line ?? 1) <= bytes.count + 1)
        try #require(!error.description.contains("\n"))
        errors += 1
      }
    }
    #expect(tables > 1000 && errors > 1000, "\(tables) tables, \(errors) errors")
  }
}
