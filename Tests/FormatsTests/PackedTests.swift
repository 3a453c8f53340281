import Formats
import Testing

@Suite struct PackedTests {
  /// The check value of the CRC-32 of zip and gzip.
  @Test func checkSum() {
    let digits = Array("123456789".utf8)
    #expect(crc32(digits.span) == 0xCBF4_3926)
    #expect(crc32(digits[4...].map { $0 }.span, from: crc32(Array(digits[..<4]).span)) == 0xCBF4_3926)
  }

  /// A stored block, byte by byte, into little room, and anew.
  @Test func pieceByPiece() throws {
    let packed: [UInt8] = [1, 3, 0, 0xFC, 0xFF, 7, 8, 9]
    let inflater = Inflater(.raw)
    for _ in 0..<2 {
      var (output, taken, given, isAtEnd) = ([UInt8](repeating: 0, count: 4), 0, 0, false)
      while !isAtEnd, taken < packed.count {
        var span = output.mutableSpan
        let progress = try inflater.inflate(packed.span.extracting(taken..<taken + 1), into: &span, from: given)
        taken += progress.taken
        given += progress.given
        isAtEnd = progress.isAtEnd
      }
      #expect(isAtEnd && given == 3 && output == [7, 8, 9, 0])
      inflater.reset()
    }
    #expect(throws: FormatError.self) {
      var output: [UInt8] = [0]
      var span = output.mutableSpan
      _ = try inflater.inflate([7, 0, 0].span, into: &span, from: 0)
    }
  }

  /// What says that it is somewhere else than in the archive is refused.
  @Test func directories() throws {
    #expect(throws: FormatError.self) { try ZipDirectory.place(end: Array("PK".utf8).span, size: 2) }
    var end = Array("PK".utf8) + [5, 6] + [UInt8](repeating: 0, count: 18)
    #expect(try ZipDirectory.place(end: end.span, size: 22) == .directory(0..<0, members: 0))
    end[16] = 23
    #expect(throws: FormatError.self) { try ZipDirectory.place(end: end.span, size: 22) }
    var member = Array("PK".utf8) + [1, 2] + [UInt8](repeating: 0, count: 42) + Array("a".utf8)
    member[28] = 1
    #expect(try ZipDirectory.members(member.span, count: 1, archiveSize: 100).map(\.name) == ["a"])
    for (place, what) in [(42, "an offset"), (20, "a size")] {
      var bad = member
      bad[place + 1] = 1
      #expect(throws: FormatError.self, "\(what)") { try ZipDirectory.members(bad.span, count: 1, archiveSize: 100) }
    }
    member[8] = 1
    #expect(throws: FormatError.self) { try ZipDirectory.members(member.span, count: 1, archiveSize: 100) }
  }
}
