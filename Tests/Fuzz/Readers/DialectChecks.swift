import Events
import Formats
import Machine

/// A dialect, and one that is read without an exchange of bytes: a file in the first is one in the second, if each byte of `file`
/// becomes that of `plain`.
private struct DialectPair {
  let dialect: TextDialect
  let twin: TextDialect
  let file: [UInt8]
  let plain: [UInt8]

  init(_ separator: TextDialect.Separator, _ decimal: TextDialect.Decimal, _ file: String, _ plain: String) {
    dialect = TextDialect(separator: separator, decimal: decimal)
    twin = TextDialect(separator: separator == .semicolon ? .comma : separator)
    (self.file, self.plain) = (Array(file.utf8), Array(plain.utf8))
  }

  func twin(of bytes: [UInt8]) -> [UInt8] { bytes.map { byte in file.firstIndex(of: byte).map { plain[$0] } ?? byte } }

  static let all = [
    DialectPair(.semicolon, .comma, ";,.", ",.;"), DialectPair(.semicolon, .point, ";,", ",;"),
    DialectPair(.tab, .comma, ",.", ".,"), DialectPair(.blanks, .comma, ",.", ".,"),
  ]
}

extension FuzzReader {
  /// Text in a dialect gives what its twin gives, byte for byte in another one, whatever the windows and pieces. Returns whether any
  /// dialect was accepted.
  func checkDialects(_ bytes: [UInt8], _ path: String, in folder: FuzzFolder) throws -> Bool {
    // No text, and so without a twin.
    if [npyMagic, zipMagic, [0x1F, 0x8B]].contains(where: { bytes.starts(with: $0) }) { return false }
    var accepted = false
    for layout in FileLayout.allCases {
      for pair in DialectPair.all {
        var request = EventRequest(layout: layout, windowSize: 1 << 16)
        request.text = pair.dialect
        let whole = try outcome(path, request)
        if !isLongerThan(300, bytes) {
          (request.windowSize, request.pieceSize) = (300, 90)
          let found = try outcome(path, request)
          try require(found.isLimit(of: 300) || found == whole, "\(pair.dialect): \(found) instead of \(whole)")
        }
        (request.windowSize, request.pieceSize) = (1 << 16, 70)
        request.text = pair.twin
        let twin = try outcome(try folder.write("twin", pair.twin(of: bytes)), request)
        guard case .table(let table) = whole, case .table(let other) = twin else {
          try require(whole.isLike(twin), "\(pair.dialect) gives \(whole), its twin \(twin)")
          continue
        }
        accepted = true
        let names = table.columnNames?.map { String(decoding: pair.twin(of: Array($0.utf8)), as: UTF8.self) }
        try require(
          Outcome.table(EventTable(features: table.features, values: table.values))
            == .table(EventTable(features: other.features, values: other.values)) && names == other.columnNames,
          "\(pair.dialect) gives \(whole), its twin \(twin)")
        if let name = table.columnNames?.first {
          try requireSameColumns(name, table, path, layout, bytes, pair.dialect)
        }
      }
    }
    return accepted
  }
}
