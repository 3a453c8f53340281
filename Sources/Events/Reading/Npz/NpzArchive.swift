import Formats
import Machine

/// The arrays of a `.npz` file: a zip archive of `.npy` files.
///
/// Functions that may fail with bytes at hand are not put into their callers, where Swift 6.3.1 fails to compile them.
struct NpzArchive {
  /// An array, named without its `.npy`.
  struct Array {
    let name: String
    let member: ZipMember
  }
  let arrays: [Array]
  let file: SharedFile
  var path: String { file.file.path }

  /// What is enough to see the header of an array.
  private static let headSize = 1 << 16

  /// The archive that the window shows from its beginning.
  init(_ window: borrowing FileWindow) throws(DataError) {
    let (file, size) = (window.file, window.size)
    guard !window.isPacked else {
      throw DataError(
        .badData, file: window.path, what: "a .npz file in a gzip file, which cannot be read",
        advice: "unpack it with gunzip")
    }
    let members = try Self.members(of: file, size: size)
    arrays = members.filter { $0.name.hasSuffix(".npy") }.map { Array(name: String($0.name.dropLast(4)), member: $0) }
    self.file = file
    guard !arrays.isEmpty else {
      throw DataError(
        .badData, file: path, what: "a zip archive without a .npy file", advice: "write it with numpy.savez")
    }
  }

  /// The header of an array.
  func header(of array: Array) throws(DataError) -> NpyHeader {
    try header(of: array, unpacked(array, most: Self.headSize))
  }

  /// The same, where the bytes of the array are there, or their beginning.
  @inline(never)
  func header(of array: Array, _ bytes: [UInt8]) throws(DataError) -> NpyHeader {
    let isArray = bytes.count >= npyMagic.count && npyMagic.indices.allSatisfy { bytes[$0] == npyMagic[$0] }
    do throws(FormatError) {
      guard isArray else {
        throw FormatError(what: "not a .npy file despite its name", advice: "write it with numpy.savez")
      }
      return try NpyHeader(bytes.span, size: array.member.size)
    } catch {
      throw DataError(.badData, file: path, what: "\(array.name.abridged()): \(error.what)", advice: error.advice)
    }
  }

  /// The bytes of the file of an array; with `most` not more of its first ones, whose check sum is not asked for.
  @inline(never)
  func unpacked(_ array: Array, most: Int? = nil) throws(DataError) -> [UInt8] {
    let member = array.member
    let damaged = DataError(
      .badData, file: path, what: "\(array.name.abridged()) is damaged in this .npz file",
      advice: "write or copy the file again")
    guard
      member.isDeflated ? member.size / Inflater.largestRatio <= member.packedSize : member.size == member.packedSize
    else {
      throw damaged
    }
    let count = min(member.size, most ?? .max)
    if count > 1 << 24 {
      do throws(Failure) {
        try MemoryBounds().require(
          Double(count), demand: "the events of \(path) need", exitCode: .inputOutput,
          advice: "ask for more memory, or save each array in a .npy file of its own")
      } catch { throw DataError(exceedingMemory: error) }
    }
    guard let bytes = try contents(of: member, count: count, isWhole: most == nil) else { throw damaged }
    return bytes
  }

  /// The members that the directory of an archive of `size` bytes lists.
  @inline(never)
  private static func members(of file: SharedFile, size: Int) throws(DataError) -> [ZipMember] {
    func checked<Value>(_ read: () throws(FormatError) -> Value) throws(DataError) -> Value {
      do throws(FormatError) { return try read() } catch {
        throw DataError(.badData, file: file.file.path, what: error.what, advice: error.advice)
      }
    }
    let end = try bytes(of: file, max(0, size - ZipDirectory.longestEnd)..<size)
    var place = try checked { () throws(FormatError) in try ZipDirectory.place(end: end.span, size: size) }
    if case .zip64(let offset) = place {
      let record = try bytes(of: file, offset..<min(offset + 56, size))
      place = try checked { () throws(FormatError) in try ZipDirectory.place64(record.span, size: size) }
    }
    guard case .directory(let range, let count) = place else { preconditionFailure("there is one end record of zip64") }
    let directory = try bytes(of: file, range)
    return try checked { () throws(FormatError) in
      try ZipDirectory.members(directory.span, count: count, archiveSize: size)
    }
  }

  /// The bytes in a range of a file, or those of them that are there.
  private static func bytes(of file: SharedFile, _ range: Range<Int>) throws(DataError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count: Int
    do throws(FileError) { count = try file.file.read(at: range.lowerBound, into: &bytes, from: 0) } catch {
      throw DataError(error)
    }
    bytes.removeLast(range.count - count)
    return bytes
  }

  /// The first `count` bytes of a member, all of them if `isWhole`; nil if it is damaged.
  @inline(never)
  private func contents(of member: ZipMember, count: Int, isWhole: Bool) throws(DataError) -> [UInt8]? {
    let header = try Self.bytes(of: file, member.headerOffset..<member.headerOffset + ZipDirectory.headerSize)
    guard let start = try? ZipDirectory.dataOffset(of: member, header: header.span) else { return nil }
    let bytes: [UInt8]?
    if member.isDeflated {
      bytes = try inflated(from: start..<start + member.packedSize, count: count, isWhole: isWhole)
    } else {
      bytes = try Self.bytes(of: file, start..<start + count)
    }
    guard let bytes, bytes.count == count, !isWhole || crc32(bytes.span) == member.crc else { return nil }
    return bytes
  }

  /// The first `count` bytes that the bytes in `range` of the file are unpacked to; nil if there are fewer, or more and `isWhole`.
  @inline(never)
  private func inflated(from range: Range<Int>, count: Int, isWhole: Bool) throws(DataError) -> [UInt8]? {
    let inflater = Inflater(.raw)
    var bytes = [UInt8](repeating: 0, count: count)
    var packed: [UInt8] = []
    var (place, unread, given) = (range.lowerBound, 0..<0, 0)
    while true {
      if unread.isEmpty {
        packed = try Self.bytes(of: file, place..<min(place + 1 << 18, range.upperBound))
        guard !packed.isEmpty else { return nil }
        (unread, place) = (0..<packed.count, place + packed.count)
      }
      var output = bytes.mutableSpan
      guard let progress = try? inflater.inflate(packed.span.extracting(unread), into: &output, from: given) else {
        return nil
      }
      given += progress.given
      unread = unread.lowerBound + progress.taken..<unread.upperBound
      if progress.isAtEnd { return given == count && unread.isEmpty && place == range.upperBound ? bytes : nil }
      if given == count, !isWhole { return bytes }
      // There is more than there should be.
      if progress.given == 0, progress.taken == 0 { return nil }
    }
  }
}
