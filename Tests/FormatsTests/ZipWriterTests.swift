import Formats
import Testing

@Suite struct ZipWriterTests {
  private let contents: [(name: String, bytes: [UInt8])] = [
    ("scores.npy", Array(repeating: 7, count: 1000)), ("leer", []), ("größe.npy", [1, 2, 3]),
  ]

  /// An archive of small members: its directory gives them back, and their bytes are where it says.
  @Test func theReaderFindsWhatWasWritten() throws {
    var (archive, members) = ([UInt8](), [ZipMember]())
    for (name, bytes) in contents {
      let member = ZipMember(stored: name, size: bytes.count, crc: crc32(bytes.span), headerOffset: archive.count)
      archive += ZipWriter.header(of: member) + bytes
      members.append(member)
    }
    archive += ZipWriter.end(of: members, at: archive.count)
    let found = try read(archive)
    #expect(found == members)
    for (member, (_, bytes)) in zip(found, contents) {
      let header = archive.span.extracting(member.headerOffset..<member.headerOffset + ZipDirectory.headerSize)
      let start = try ZipDirectory.dataOffset(of: member, header: header)
      #expect(Array(archive[start..<start + member.size]) == bytes)
    }
  }

  /// Sizes and places beyond 4 GiB, and at the border, need zip64; the archive itself is made up.
  @Test(arguments: [0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 1 << 40])
  func largeMembersComeBack(_ size: Int) throws {
    let members = [
      ZipMember(stored: "a", size: size, crc: 1, headerOffset: 0),
      ZipMember(stored: "b", size: 5, crc: 2, headerOffset: size + 51),
      ZipMember(stored: "c", size: size, crc: 3, headerOffset: size + 107),
    ]
    let place = 2 * size + 200
    let end = ZipWriter.end(of: members, at: place)
    let found = try read(end, at: place)
    #expect(found == members)
  }

  /// The header of an empty member is as long as that of any other, which takes its place.
  @Test func aHeaderKeepsItsLength() {
    let empty = ZipWriter.header(of: ZipMember(stored: "scores.npy", headerOffset: 0))
    let full = ZipWriter.header(of: ZipMember(stored: "scores.npy", size: 1 << 40, crc: 9, headerOffset: 0))
    #expect(empty.count == full.count && empty != full)
  }

  @Test func checkSumsOfPartsAreThoseOfTheWhole() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * $0) }
    for cut in [0, 1, 500, 999, 1000] {
      let (first, second) = (crc32(bytes.span.extracting(0..<cut)), crc32(bytes.span.extracting(cut..<1000)))
      #expect(crc32(first, followedBy: second, ofBytes: 1000 - cut) == crc32(bytes.span))
    }
  }

  /// The members of an archive of which `bytes` are what begins at `start`.
  private func read(_ bytes: [UInt8], at start: Int = 0) throws -> [ZipMember] {
    let size = start + bytes.count
    var place = try ZipDirectory.place(end: bytes.span, size: size)
    if case .zip64(let offset) = place {
      place = try ZipDirectory.place64(bytes.span.extracting(offset - start..<bytes.count), size: size)
    }
    guard case .directory(let range, let count) = place else { return [] }
    let directory = bytes.span.extracting(range.lowerBound - start..<range.upperBound - start)
    return try ZipDirectory.members(directory, count: count, archiveSize: size)
  }
}
