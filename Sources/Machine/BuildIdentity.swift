/// What distinguishes one build of the program from another: the build ID that the linker left in it, a SHA-1 of the whole content.
///
/// The format: ELF-64 (System V ABI, "Program Header" and "Note Section"), the note of type 3, `NT_GNU_BUILD_ID`, of owner "GNU".
public enum BuildIdentity {
  /// That of the program that runs; empty where the system does not show it.
  public static var current: [UInt8] {
    guard let file = try? OpenFile("/proc/self/exe", .read) else { return [] }
    return (try? read { offset, count in try file.read(at: offset, count: count) }) ?? []
  }

  /// That of the file whose bytes `read` gives, `count` of them from `offset` on or fewer; empty if it has none.
  public static func read(_ read: (_ offset: Int, _ count: Int) throws -> [UInt8]) rethrows -> [UInt8] {
    let header = try read(0, 64)
    // Class 64-bit, little-endian: what all our machines are.
    guard header.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let table = header.number(at: 32, bytes: 8),
      let entrySize = header.number(at: 54, bytes: 2), let entries = header.number(at: 56, bytes: 2), entrySize >= 56
    else { return [] }
    for entry in 0..<entries {
      let entry = try read(table + entry * entrySize, 56)
      let isNote = entry.number(at: 0, bytes: 4) == 4
      guard isNote, let offset = entry.number(at: 8, bytes: 8), let size = entry.number(at: 32, bytes: 8),
        size < 1 << 20
      else { continue }
      if let identity = buildID(in: try read(offset, size)) { return identity }
    }
    return []
  }

  private static func buildID(in notes: [UInt8]) -> [UInt8]? {
    var place = 0
    while let nameSize = notes.number(at: place, bytes: 4), let size = notes.number(at: place + 4, bytes: 4),
      let type = notes.number(at: place + 8, bytes: 4)
    {
      let name = place + 12
      let start = name + (nameSize + 3) & ~3
      guard start + size <= notes.count else { return nil }
      if type == 3, nameSize == 4, notes[name..<name + 3].elementsEqual("GNU".utf8) {
        return Array(notes[start..<start + size])
      }
      place = start + (size + 3) & ~3
    }
    return nil
  }
}

extension [UInt8] {
  /// The little-endian number in this many bytes; nil where they are not there, or it is too large for a size.
  fileprivate func number(at place: Int, bytes: Int) -> Int? {
    guard place >= 0, place + bytes <= count else { return nil }
    return Int(exactly: self[place..<place + bytes].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }
}
