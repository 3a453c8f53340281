import FoundationEssentials
import Machine

/// What a rank has made of its share of a round of chunks.
struct ScoredRound {
  /// The rows of its events, as the file has them.
  var rows: [UInt8] = []
  var notes = Notes()

  /// What there seldom is.
  struct Notes: Codable, Equatable {
    /// Why the first chunk that failed did: exit code and message.
    var exitCode: Int32?
    var message = ""
    var undefined: [UndefinedScores] = []

    var failure: Failure? { exitCode.map { Failure(ExitCode(rawValue: $0) ?? .internalError, message) } }

    mutating func fail(_ error: any Error) {
      let failure = Failure(error)
      (exitCode, message) = (failure.exitCode.rawValue, failure.description)
    }
  }
}

extension ScoredRound.Notes {
  /// As JSON; nothing if there is nothing.
  var bytes: [UInt8] { self == Self() ? [] : Array(json(self).utf8) }

  init(_ bytes: [UInt8]) throws {
    if bytes.isEmpty { self.init() } else { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) }
  }
}
