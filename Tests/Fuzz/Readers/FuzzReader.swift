/// A reader of untrusted files.
package enum FuzzReader: String, CaseIterable, Sendable {
  /// Events as text, in both layouts: `numpy.savetxt` and CSV.
  case text
  /// Events as `.npy`.
  case npy
  /// Events as text or `.npy` in a gzip file.
  case gzip
  /// Events as `.npz`.
  case npz
  /// `Safetensors`.
  case safetensors
  /// `Checkpoint`, on top of it.
  case checkpoint
  /// What a resumed run takes up: `costs.npy` and `history.csv`.
  case resume
  /// The YAML run file and `--section.key=value` overrides.
  case runFile = "run-file"
  /// Expressions of a run file.
  case expression

  /// Gives `bytes` to the reader. Returns whether they were accepted.
  ///
  /// - Throws: `Violation`, where something does not hold that must.
  @discardableResult
  package func check(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    switch self {
    case .text: try checkText(bytes, in: folder)
    case .npy: try checkNpy(bytes, in: folder)
    case .gzip: try checkGzip(bytes, in: folder)
    case .npz: try checkNpz(bytes, in: folder)
    case .safetensors: try checkSafetensors(bytes)
    case .checkpoint: try checkCheckpoint(bytes)
    case .resume: try checkResume(bytes, in: folder)
    case .runFile: try checkRunFile(bytes, in: folder)
    case .expression: try checkExpression(bytes)
    }
  }
}

/// What a reader did that it must not do.
package struct Violation: Error, CustomStringConvertible {
  /// What.
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Violation) {
  if !condition { throw Violation(what()) }
}

/// What is told to the user is one line that fits a terminal, whatever the file says.
func requireOneLine(_ message: String) throws(Violation) {
  try require(message.utf8.count <= 4096, "a message of \(message.utf8.count) bytes: \(message.prefix(200))")
  try require(
    message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
    "a message with control characters: \(message.debugDescription)")
}
