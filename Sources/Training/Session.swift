internal import Events
internal import FoundationEssentials
internal import MPI

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Runs `body` on every rank and ends MPI, whatever happens: one line on standard error from one rank, the same exit code
/// from all, never a hang.
///
/// A failure that all ranks know of (``AgreedFailure``) ends them in good order; one that a single rank meets alone ends
/// the others through `MPI_Abort`. `threads` is how many the user wants for a rank.
func underMPI(threads: Int? = nil, _ body: (borrowing Communicator) throws -> Void) -> Int32 {
  // A file that grows beyond the user's limit is then an error of `write`, with a message, and not the end.
  signal(SIGXFSZ, SIG_IGN)
  do {
    let session = try MPISession.start(threads: threads)
    let end = failure {
      try requireKernels(session.world)
      try body(session.world)
    }
    if let end {
      let alone = !(end is AgreedFailure)
      let place = alone && session.world.size > 1 ? "rank \(session.world.rank)@\(hostName()): " : ""
      if alone || session.world.isRoot { write("dist-train: \(place)\(Failure(end))\n", to: STDERR_FILENO) }
      if alone { session.world.abort(code: Failure(end).code.rawValue) }
    }
    try session.finish()
    return end.map { Failure($0).code.rawValue } ?? ExitCode.done.rawValue
  } catch {
    // MPI did not come up, on any rank as a rule: the launcher's own number tells who speaks.
    if LaunchEnvironment.currentRank ?? 0 == 0 { write("dist-train: \(Failure(error))\n", to: STDERR_FILENO) }
    return Failure(error).code.rawValue
  }
}

/// What `body` throws, if it does.
private func failure(_ body: () throws -> Void) -> (any Error)? {
  do { try body() } catch { return error }
  return nil
}

/// A failure that every rank throws together.
struct AgreedFailure: Error {
  let failure: Failure
}

extension Failure {
  /// What any error of ours means for the user.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let agreed as AgreedFailure: self = agreed.failure
    case let error as RunFileError: self.init(ExitCode(rawValue: error.exitCode) ?? .usage, "\(error)")
    case let error as DataError: self.init(ExitCode(rawValue: error.kind.rawValue) ?? .badData, "\(error)")
    case let error as FileError: self.init(ExitCode(rawValue: error.exitCode) ?? .inputOutput, "\(error)")
    default: self.init(.internalError, "\(error)")
    }
  }
}

extension Communicator {
  /// Computes bytes on rank 0 and gives them to all ranks; if rank 0 fails, all ranks fail in the same way. Meanwhile the
  /// watchdog has the patience of `phase`.
  ///
  /// All ranks call it together.
  borrowing func fromRoot(_ phase: Watchdog.Phase = .reading, _ body: () throws -> [UInt8]) throws -> [UInt8] {
    let before = watchdog.currentPhase
    watchdog.enter(phase)
    defer { watchdog.enter(before) }
    var message: [UInt8] = []
    if isRoot {
      do { message = [0] + (try body()) } catch {
        let failure = Failure(error)
        message = [UInt8(failure.code.rawValue)] + Array(failure.description.utf8)
      }
    }
    try broadcast(&message, from: 0)
    guard let status = message.first, status != 0 else { return Array(message.dropFirst()) }
    let code = ExitCode(rawValue: Int32(status)) ?? .internalError
    throw AgreedFailure(failure: Failure(code, String(decoding: message.dropFirst(), as: UTF8.self)))
  }

  /// As ``fromRoot(_:_:)`` for any value that has a JSON form.
  borrowing func fromRoot<Value: Codable>(
    _ phase: Watchdog.Phase = .reading, _ body: () throws -> Value
  ) throws -> Value {
    let bytes = try fromRoot(phase) { Array(try JSONEncoder().encode(body())) }
    return try JSONDecoder().decode(Value.self, from: Data(bytes))
  }

  /// Does something on rank 0 that may fail, as a rule writes files; if it does, all ranks fail in the same way.
  borrowing func onRoot(_ phase: Watchdog.Phase = .writing, _ body: () throws -> Void) throws {
    _ = try fromRoot(phase) { () throws -> [UInt8] in
      try body()
      return []
    }
  }
}
