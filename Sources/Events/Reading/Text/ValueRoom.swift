import Machine

extension Array where Element: BitwiseCopyable {
  /// Makes room for `count` values of a text file of `fileSize` bytes, of which they take the first `bytesRead`.
  ///
  /// Room for as many as the file holds if it goes on like this, and for some more as values differ in length; but for no more
  /// than four times what is there, as the rest may be different.
  mutating func reserve(
    _ count: Int, bytesRead: Int, ofFile file: String, fileSize: Int
  ) throws(DataError) {
    guard count > capacity else { return }
    // What a packed file holds is estimated.
    let fileSize = fileSize < bytesRead ? 2 * bytesRead : fileSize
    let expected = Double(count) * Double(fileSize) / Double(bytesRead)
    let room = Swift.max(
      count, Swift.min(Int(Swift.min(expected * 1.0625, 4 * Double(count))) + 16, fileSize / 2 + 1))
    do throws(Failure) { try reserveHugePages(room, orThrow: "the events of \(file) need") } catch {
      throw DataError(exceedingMemory: error)
    }
  }
}
