/// Reads the events of one file: text (`numpy.savetxt`, CSV) or `.npy`, told apart by what it begins with.
///
/// Values are rounded to the nearest float32; those that are not finite float32 numbers are refused. Of several
/// faults the one that comes first in the file is reported. A text file is read with all CPUs that the process may
/// use. It needs memory for its values and a window of 8 MiB with the values in it, in the layout `featuresByRow` for its
/// values twice.
public func readEvents(file: String, layout: FileLayout) throws(DataError) -> EventTable {
  try readEvents(file: file, layout: layout, windowSize: 1 << 23, pieceSize: 1 << 19)
}

/// The same with a window of `windowSize` bytes, which no header and no value of a text may exceed, whose pieces of
/// `pieceSize` bytes the CPUs share.
package func readEvents(
  file: String, layout: FileLayout, windowSize: Int, pieceSize: Int = 1 << 19
) throws(DataError) -> EventTable {
  var window = try FileWindow.open(file, capacity: windowSize)
  guard window.count > 0 else {
    throw DataError(
      .badData, file: file, what: "an empty file",
      advice: "write its events again or take it off the list of files")
  }
  if begins(window, with: npyMagic) { return try readNpy(&window, layout: layout) }
  if file.hasSuffix(".npy") {
    throw DataError(
      .badData, file: file, what: "named .npy, but it does not begin as a .npy file does",
      advice: "write it with numpy.save, or rename it if it is text")
  }
  for format in foreignFormats where begins(window, with: format.magic) {
    throw DataError(.badData, file: file, what: "\(format.name), which cannot be read", advice: format.advice)
  }
  return try readText(&window, layout: layout, pieceSize: pieceSize)
}

/// A format that users may well have and that is not read here, by the bytes that it begins with.
private struct ForeignFormat {
  var name: String
  var magic: [UInt8]
  var advice = "convert it to .npy (numpy.save) or text (numpy.savetxt)"
}

private let foreignFormats = [
  ForeignFormat(name: "a gzip file", magic: [0x1F, 0x8B], advice: "unpack it with gunzip"),
  ForeignFormat(name: "a zstd file", magic: [0x28, 0xB5, 0x2F, 0xFD], advice: "unpack it with unzstd"),
  ForeignFormat(name: "an xz file", magic: [0xFD] + Array("7zXZ".utf8) + [0], advice: "unpack it with unxz"),
  ForeignFormat(name: "a bzip2 file", magic: Array("BZh".utf8), advice: "unpack it with bunzip2"),
  ForeignFormat(
    name: "a zip archive (.npz?)", magic: Array("PK".utf8) + [3, 4],
    advice: "save one array per file with numpy.save"),
  ForeignFormat(name: "an HDF5 file", magic: [0x89] + Array("HDF\r\n".utf8)),
  ForeignFormat(name: "a ROOT file", magic: Array("root".utf8) + [0]),
  ForeignFormat(name: "a Parquet file", magic: Array("PAR1".utf8) + [0x15]),
  ForeignFormat(name: "an Arrow or Feather file", magic: Array("ARROW1".utf8) + [0]),
  ForeignFormat(name: "text in UTF-16", magic: [0xFF, 0xFE], advice: "save it as ASCII or UTF-8"),
  ForeignFormat(name: "text in UTF-16", magic: [0xFE, 0xFF], advice: "save it as ASCII or UTF-8"),
]

/// Whether the bytes in view begin with `magic`.
private func begins(_ window: borrowing FileWindow, with magic: [UInt8]) -> Bool {
  window.count >= magic.count && magic.indices.allSatisfy { window.buffer[$0] == magic[$0] }
}
