import Machine

extension EventReader {
  /// Formats that users are likely to have and that are refused, recognised by their first bytes.
  static let foreign = [
    // One frame of gzip is unpacked before anybody looks.
    refusing("a gzip file in a gzip file", GzipReader.magic, advice: "unpack it with gunzip"),
    refusing("a zstd file", [0x28, 0xB5, 0x2F, 0xFD], advice: "unpack it with unzstd"),
    refusing("an xz file", [0xFD] + Array("7zXZ".utf8) + [0], advice: "unpack it with unxz"),
    refusing("a bzip2 file", Array("BZh".utf8), advice: "unpack it with bunzip2"),
    refusing("an empty zip archive", Array("PK".utf8) + [5, 6], advice: "write it with numpy.savez"),
    refusing("an HDF5 file", [0x89] + Array("HDF\r\n".utf8)),
    refusing("a ROOT file", Array("root".utf8) + [0]),
    refusing("a Parquet file", Array("PAR1".utf8) + [0x15]),
    refusing("an Arrow or Feather file", Array("ARROW1".utf8) + [0]),
    refusing("text in UTF-16", [0xFF, 0xFE], advice: "save it as ASCII or UTF-8"),
    refusing("text in UTF-16", [0xFE, 0xFF], advice: "save it as ASCII or UTF-8"),
  ]

  private static func refusing(
    _ name: String, _ magic: [UInt8], advice: String = "convert it to .npy (numpy.save) or text (numpy.savetxt)"
  ) -> EventReader {
    EventReader(recognises: { $0.begins(with: magic) }) { window, _ throws(DataError) in
      throw DataError(.badData, file: window.path, what: "\(name), which cannot be read", advice: advice)
    }
  }
}
