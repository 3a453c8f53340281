import Formats

// Files as gzip, numpy.savez and others pack them: for tests, which have no packer at hand.

/// The `count` lowest bytes of a number, the lowest one first.
package func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Bytes as deflate stores them (RFC 1951), in blocks of `block` bytes, below 65536.
package func deflated(_ bytes: [UInt8], block: Int = 1000) -> [UInt8] {
  var packed: [UInt8] = []
  for start in stride(from: 0, to: max(1, bytes.count), by: block) {
    let part = bytes[start..<min(start + block, bytes.count)]
    packed += [start + block >= bytes.count ? 1 : 0]
    packed += littleEndian(part.count, 2) + littleEndian(~part.count, 2) + part
  }
  return packed
}

/// A gzip file of one member (RFC 1952).
package func gzip(_ bytes: [UInt8], block: Int = 1000) -> [UInt8] {
  [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflated(bytes, block: block) + littleEndian(Int(crc32(bytes.span)), 4)
    + littleEndian(bytes.count, 4)
}

/// How a zip archive is written.
package struct ZipForm: Sendable {
  /// Whether its members are packed by ``deflated(_:block:)``; else they are stored as they are.
  package var isDeflated = false
  /// Whether sizes stand where numpy's `force_zip64` puts them, and the place of the directory where zip64 has it.
  package var isZip64 = false
  /// Whether sizes and check sum stand behind a member and not before it, as where a pipe is written.
  package var hasDescriptors = false

  package init(isDeflated: Bool = false, isZip64: Bool = false, hasDescriptors: Bool = false) {
    (self.isDeflated, self.isZip64, self.hasDescriptors) = (isDeflated, isZip64, hasDescriptors)
  }
}

/// A zip archive (APPNOTE.TXT of PKWARE).
package func zip(_ members: [(name: String, bytes: [UInt8])], _ form: ZipForm = ZipForm()) -> [UInt8] {
  var (archive, directory) = ([UInt8](), [UInt8]())
  for (name, bytes) in members {
    let packed = form.isDeflated ? deflated(bytes) : bytes
    let sum = littleEndian(Int(crc32(bytes.span)), 4)
    let sizes = littleEndian(packed.count, 4) + littleEndian(bytes.count, 4)
    let longSizes = littleEndian(bytes.count, 8) + littleEndian(packed.count, 8)
    let extra = form.isZip64 ? littleEndian(1, 2) + littleEndian(16, 2) + longSizes : []
    let named = littleEndian(name.utf8.count, 2) + littleEndian(extra.count, 2)
    let shownSizes = form.isZip64 ? [UInt8](repeating: 0xFF, count: 8) : sizes
    // Version, flags, method and time.
    let common =
      littleEndian(45, 2) + littleEndian(form.hasDescriptors ? 8 : 0, 2) + littleEndian(form.isDeflated ? 8 : 0, 2)
      + littleEndian(0, 4)
    directory += Array("PK".utf8) + [1, 2] + littleEndian(45, 2) + common + sum + shownSizes + named
    directory += littleEndian(0, 10) + littleEndian(archive.count, 4) + Array(name.utf8) + extra
    archive += Array("PK".utf8) + [3, 4] + common
    archive += form.hasDescriptors ? littleEndian(0, 12) : sum + shownSizes
    archive += named + Array(name.utf8) + extra + packed
    if form.hasDescriptors { archive += Array("PK".utf8) + [7, 8] + sum + sizes }
  }
  let (place, count) = (archive.count, members.count)
  archive += directory
  if form.isZip64 {
    let end = archive.count
    archive += Array("PK".utf8) + [6, 6] + littleEndian(44, 8) + littleEndian(45, 2) + littleEndian(45, 2)
    archive += littleEndian(0, 8) + littleEndian(count, 8) + littleEndian(count, 8) + littleEndian(directory.count, 8)
    archive += littleEndian(place, 8)
    archive += Array("PK".utf8) + [6, 7] + littleEndian(0, 4) + littleEndian(end, 8) + littleEndian(1, 4)
  }
  let shown = form.isZip64 ? (-1, -1, -1) : (count, directory.count, place)
  return archive + Array("PK".utf8) + [5, 6] + littleEndian(0, 4) + littleEndian(shown.0, 2) + littleEndian(shown.0, 2)
    + littleEndian(shown.1, 4) + littleEndian(shown.2, 4) + littleEndian(0, 2)
}
