import Machine

/// A file in a zip archive, as its directory describes it (APPNOTE.TXT of PKWARE, with zip64).
public struct ZipMember: Equatable, Sendable {
  public var name: String
  /// Whether it is packed by deflate; else it is stored as it is.
  public var isDeflated: Bool
  public var crc: UInt32
  public var packedSize: Int
  public var size: Int
  /// Where its own header begins in the archive.
  public var headerOffset: Int
}

/// The bytes that a zip archive of one file or more begins with.
public let zipMagic: [UInt8] = Array("PK".utf8) + [3, 4]

/// Reads the directory at the end of a zip archive.
public enum ZipDirectory {
  /// The most bytes that the end of an archive takes: a comment, the end record, and what zip64 puts before it.
  public static let longestEnd = 65535 + 22 + 20
  /// The bytes of a member's own header, before its name.
  public static let headerSize = 30

  private static let damaged = FormatError(
    what: "a zip archive whose directory is damaged or missing", advice: "write or copy the file again")

  /// Where the directory of an archive is.
  public enum Place: Equatable, Sendable {
    case directory(Range<Int>, members: Int)
    /// The end record of zip64 begins here.
    case zip64(Int)
  }

  /// Finds the directory of an archive of `size` bytes by its last ones.
  public static func place(end: Span<UInt8>, size: Int) throws(FormatError) -> Place {
    var position = end.count - 22
    while position >= 0, read(end, position, 4) != 0x0605_4B50 { position -= 1 }
    guard position >= 0 else { throw damaged }
    if position >= 20, read(end, position - 20, 4) == 0x0706_4B50 {
      let offset = read(end, position - 12, 8)
      guard offset >= 0, offset <= size - 56 else { throw damaged }
      return .zip64(offset)
    }
    return try range(
      offset: read(end, position + 16, 4), count: read(end, position + 12, 4), members: read(end, position + 10, 2),
      size)
  }

  /// The directory that the end record of zip64 says, which is 56 bytes long or longer.
  public static func place64(_ record: Span<UInt8>, size: Int) throws(FormatError) -> Place {
    guard record.count >= 56, read(record, 0, 4) == 0x0606_4B50 else { throw damaged }
    return try range(offset: read(record, 48, 8), count: read(record, 40, 8), members: read(record, 32, 8), size)
  }

  private static func range(offset: Int, count: Int, members: Int, _ size: Int) throws(FormatError) -> Place {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset, members >= 0, members <= count / 46 else {
      throw damaged
    }
    return .directory(offset..<offset + count, members: members)
  }

  /// The members that a directory lists, in its order, of an archive of `archiveSize` bytes.
  public static func members(
    _ bytes: Span<UInt8>, count: Int, archiveSize: Int
  ) throws(FormatError) -> [ZipMember] {
    var (members, position) = ([ZipMember](), 0)
    for _ in 0..<count {
      guard bytes.count - position >= 46, read(bytes, position, 4) == 0x0201_4B50 else { throw damaged }
      let (flags, method) = (read(bytes, position + 8, 2), read(bytes, position + 10, 2))
      let (nameSize, extraSize) = (read(bytes, position + 28, 2), read(bytes, position + 30, 2))
      let next = position + 46 + nameSize + extraSize + read(bytes, position + 32, 2)
      guard next <= bytes.count else { throw damaged }
      let name = String(decoding: (0..<nameSize).map { bytes[position + 46 + $0] }, as: UTF8.self)
      guard flags & 1 == 0, method == 0 || method == 8 else {
        throw FormatError(
          what:
            "a zip archive with \(name.abridged()), which is \(flags & 1 == 1 ? "encrypted" : "compressed by an unsupported method")",
          advice: "write it with numpy.savez or numpy.savez_compressed")
      }
      var member = ZipMember(
        name: name, isDeflated: method == 8, crc: UInt32(read(bytes, position + 16, 4)),
        packedSize: read(bytes, position + 20, 4), size: read(bytes, position + 24, 4),
        headerOffset: read(bytes, position + 42, 4))
      let extra = position + 46 + nameSize
      try member.readZip64(bytes.extracting(extra..<extra + extraSize))
      guard member.packedSize <= archiveSize, member.headerOffset <= archiveSize - headerSize else { throw damaged }
      members.append(member)
      position = next
    }
    return members
  }

  /// Where the bytes of a member begin, by the first ``headerSize`` bytes of its own header.
  public static func dataOffset(of member: ZipMember, header: Span<UInt8>) throws(FormatError) -> Int {
    guard header.count >= headerSize, read(header, 0, 4) == 0x0403_4B50 else { throw damaged }
    return member.headerOffset + headerSize + read(header, 26, 2) + read(header, 28, 2)
  }

  /// A little-endian number of up to eight bytes; negative where it is too large.
  fileprivate static func read(_ bytes: Span<UInt8>, _ position: Int, _ count: Int) -> Int {
    var value: UInt64 = 0
    for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[position + index]) }
    return Int(truncatingIfNeeded: value)
  }

  fileprivate static func requireSizes(_ member: ZipMember) throws(FormatError) {
    guard member.size >= 0, member.packedSize >= 0, member.headerOffset >= 0 else { throw damaged }
  }
}

extension ZipMember {
  /// Takes from the extra field what is too large for the record itself.
  fileprivate mutating func readZip64(_ extra: Span<UInt8>) throws(FormatError) {
    var position = 0
    while position + 4 <= extra.count {
      let (id, size) = (ZipDirectory.read(extra, position, 2), ZipDirectory.read(extra, position + 2, 2))
      let end = min(position + 4 + size, extra.count)
      var field = position + 4
      if id == 1 {
        for key in [\ZipMember.size, \ZipMember.packedSize, \ZipMember.headerOffset]
        where self[keyPath: key] == 0xFFFF_FFFF && field + 8 <= end {
          self[keyPath: key] = ZipDirectory.read(extra, field, 8)
          field += 8
        }
      }
      position = end
    }
    try ZipDirectory.requireSizes(self)
  }
}
