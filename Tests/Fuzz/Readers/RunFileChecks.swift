import Machine
import RunFiles

extension FuzzReader {
  /// The bytes are a run file, with overrides `key=value` behind it, each after a zero byte. What is accepted is written
  /// and read again as the same run.
  func checkRunFile(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    // YAML has no zero bytes.
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    let path = try folder.write("run.yaml", Array(parts[0]))
    let overrides = parts.dropFirst().map { part in
      let key = part.prefix { $0 != UInt8(ascii: "=") }
      return (
        key: String(decoding: key, as: UTF8.self), value: String(decoding: part.dropFirst(key.count + 1), as: UTF8.self)
      )
    }
    let run: RunFile
    do {
      run = try RunFile(contentsOf: path, overrides: overrides)
    } catch {
      try require(error.exitCode == .usage, "\(error) has exit code \(error.exitCode)")
      // The user has written the place himself where it is an override.
      let isOverride = error.place.utf8.starts(with: "--".utf8)
      try requireOneLine(isOverride ? error.message : error.description)
      return false
    }
    let text = run.yaml()
    let again: RunFile
    do { again = try RunFile(yaml: text, named: "/elsewhere/again.yaml") } catch {
      throw Violation("was accepted, but not when it was written again: \(error)\n\(text)")
    }
    try require(again == run && again.yaml() == text, "was written in two ways:\n\(text)\n\(again.yaml())")
    return true
  }
}
