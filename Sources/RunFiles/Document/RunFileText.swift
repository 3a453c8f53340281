import Machine
import YAML

/// The text of a run file, with its characters checked before the YAML parser sees them: that parser's own
/// complaints about characters have no position.
struct RunFileText {
  /// In bytes. A run file has a few thousand; more than this is some other file. The worst megabyte takes less than a
  /// second.
  static let largestSize = 1_000_000

  /// Valid YAML characters only, without a byte order mark.
  let text: String

  /// Reads the file at `path`. One that is missing, a directory or not readable ends with exit code 66.
  init(contentsOf path: String) throws(RunFileError) {
    let bytes: [UInt8]
    do {
      let file = try OpenFile(path, .read)
      guard try file.isRegular() else { throw FileError.system(.read, path: path, errno: EISDIR) }
      // A file of many gigabytes, given by mistake, is refused before it is read.
      try Self.check(size: file.size(), of: path)
      bytes = try file.read(count: Self.largestSize + 1)
    } catch let error as RunFileError {
      throw error
    } catch {
      let problem =
        switch error {
        case FileError.system(_, _, ENOENT): "there is no such file; check the path"
        case FileError.system(_, _, EACCES), FileError.system(_, _, EPERM):
          "not a regular file, or not allowed to be read; check its permissions"
        default: "not a file; give the path of a run file"
        }
      throw RunFileError(path, problem, exitCode: .missing)
    }
    try Self.check(size: bytes.count, of: path)
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      let valid = String(decoding: bytes.prefix(error.byteOffsets.lowerBound), as: UTF8.self)
      throw RunFileError(
        "\(path):\(YAMLMark(endOf: valid.unicodeScalars[...]))",
        "this byte is not UTF-8 text; a run file is a YAML text, see data/hh-bbww.yaml")
    }
    try self.init(String(decoding: bytes, as: UTF8.self), named: path)
  }

  /// Checks the characters of `text`; errors name `name`.
  init(_ text: String, named name: String) throws(RunFileError) {
    try Self.check(size: text.utf8.count, of: name)
    let scalars = text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
    if let wrong = scalars.firstIndex(where: { !$0.isYAMLPrintable }) {
      throw RunFileError(
        "\(name):\(YAMLMark(endOf: scalars[..<wrong]))", "\(Self.complaint(scalars[wrong])), or give a text file")
    }
    self.text = String(scalars)
  }

  /// Checks the characters of the key and the value of `override`.
  static func check(key: String, value: String, of override: String) throws(RunFileError) {
    if let wrong = value.unicodeScalars.first(where: { !$0.isYAMLPrintable }) {
      throw RunFileError(override, complaint(wrong))
    }
    if !key.isStreamSafe { throw RunFileError(override, "there is no such key; check the name") }
  }

  private static func complaint(_ wrong: Unicode.Scalar) -> String {
    "the character \(wrong.escaped(asASCII: true)) cannot be in YAML; remove it"
  }

  static func check(size: Int, of name: String) throws(RunFileError) {
    if size > largestSize {
      throw RunFileError(name, "\(size) bytes are too many (at most \(largestSize)); give the path of a run file")
    }
  }
}

extension Unicode.Scalar {
  /// Whether YAML takes the character as it is (YAML 1.1, 5.1 Character Set).
  var isYAMLPrintable: Bool {
    switch value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: value != 0xFEFF
    default: false
    }
  }
}
