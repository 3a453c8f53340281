import Machine
import Testing

@Suite struct BuildIdentityTests {
  private func identity(_ file: [UInt8]) -> [UInt8] {
    BuildIdentity.read { offset, count in Array(file.dropFirst(max(0, offset)).prefix(count)) }
  }

  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// An ELF file with two program headers, the second one of notes.
  private func file(notes: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1] + [UInt8](repeating: 0, count: 58)
    file.replaceSubrange(32..<40, with: bytes(64, 8))
    file.replaceSubrange(54..<58, with: bytes(56, 2) + bytes(2, 2))
    file += bytes(1, 4) + [UInt8](repeating: 0, count: 52)
    file += bytes(4, 4) + bytes(0, 4) + bytes(176, 8) + bytes(0, 16) + bytes(notes.count, 8) + bytes(0, 16)
    return file + notes
  }

  private func note(_ type: Int, _ name: String, _ content: [UInt8]) -> [UInt8] {
    let name = Array(name.utf8) + [0]
    let padding = { (count: Int) in [UInt8](repeating: 0, count: (4 - count % 4) % 4) }
    return bytes(name.count, 4) + bytes(content.count, 4) + bytes(type, 4) + name + padding(name.count) + content
      + padding(content.count)
  }

  @Test func findsTheNoteAmongOthers() {
    let id: [UInt8] = [1, 2, 3, 4, 5]
    #expect(identity(file(notes: note(1, "GNU", [9, 9]) + note(3, "Other", [7]) + note(3, "GNU", id))) == id)
  }

  @Test func withoutTheNoteThereIsNone() {
    #expect(identity(file(notes: note(1, "GNU", [9]))) == [])
    #expect(identity(Array("#!/bin/sh".utf8)) == [])
    #expect(identity([]) == [])
  }

  @Test func aFileThatIsCutOffHasNone() {
    let whole = file(notes: note(3, "GNU", [1, 2, 3, 4]))
    for length in 0..<whole.count { #expect(identity(Array(whole.prefix(length))) == []) }
    #expect(identity(whole) == [1, 2, 3, 4])
  }
}
