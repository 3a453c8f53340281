/// Makes the records of a zip archive (APPNOTE.TXT of PKWARE) whose members are stored as they are, one behind the other: of any size, with
/// zip64 where it is needed, as numpy.load reads it.
///
/// Sizes and check sum of a member stand before its bytes. Who writes these piece by piece writes ``header(of:)`` of an empty member
/// first and puts the right one, which is as long, in its place.
public enum ZipWriter {
  /// Beyond it numbers of 32 bits are not enough.
  private static let limit = 0xFFFF_FFFF
  private static let timeAndDate = [0, 0, 0x21, 0] as [UInt8]  // 1980-01-01: the same bytes for the same content.

  /// A member's own header, which stands before its bytes. It always has a field of zip64.
  public static func header(of member: ZipMember) -> [UInt8] {
    precondition(!member.isDeflated, "a member that is stored")
    var bytes = zipMagic
    bytes += number(45, 2) + flags(member) + number(0, 2) + timeAndDate
    bytes += number(Int(member.crc), 4) + number(limit, 4) + number(limit, 4)
    bytes += number(member.name.utf8.count, 2) + number(20, 2)
    bytes += Array(member.name.utf8)
    return bytes + number(1, 2) + number(16, 2) + number(member.size, 8) + number(member.packedSize, 8)
  }

  /// What stands behind the last member, at `offset` in the archive: the directory and its end.
  public static func end(of members: [ZipMember], at offset: Int) -> [UInt8] {
    var directory: [UInt8] = []
    for member in members { directory += entry(of: member) }
    let count = members.count
    var bytes = directory
    if offset > limit || directory.count > limit || count > 0xFFFF {
      bytes += number(0x0606_4B50, 4) + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 4) + number(0, 4)
      bytes += number(count, 8) + number(count, 8) + number(directory.count, 8) + number(offset, 8)
      bytes += number(0x0706_4B50, 4) + number(0, 4) + number(offset + directory.count, 8) + number(1, 4)
    }
    bytes += number(0x0605_4B50, 4) + number(0, 2) + number(0, 2)
    bytes += number(min(count, 0xFFFF), 2) + number(min(count, 0xFFFF), 2)
    return bytes + number(min(directory.count, limit), 4) + number(min(offset, limit), 4) + number(0, 2)
  }

  private static func entry(of member: ZipMember) -> [UInt8] {
    var large: [UInt8] = []
    for value in [member.size, member.packedSize, member.headerOffset] where value >= limit {
      large += number(value, 8)
    }
    let extra = large.isEmpty ? [] : number(1, 2) + number(large.count, 2) + large
    var bytes = number(0x0201_4B50, 4) + number(45, 2) + number(45, 2) + flags(member) + number(0, 2) + timeAndDate
    bytes += number(Int(member.crc), 4) + number(min(member.packedSize, limit), 4) + number(min(member.size, limit), 4)
    bytes += number(member.name.utf8.count, 2) + number(extra.count, 2) + number(0, 2) + number(0, 2) + number(0, 2)
    return bytes + number(0, 4) + number(min(member.headerOffset, limit), 4) + Array(member.name.utf8) + extra
  }

  /// Names are UTF-8.
  private static func flags(_ member: ZipMember) -> [UInt8] {
    number(member.name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 1 << 11, 2)
  }

  private static func number(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

extension ZipMember {
  /// A member that is stored as it is.
  public init(stored name: String, size: Int = 0, crc: UInt32 = 0, headerOffset: Int) {
    self.init(name: name, isDeflated: false, crc: crc, packedSize: size, size: size, headerOffset: headerOffset)
  }
}
