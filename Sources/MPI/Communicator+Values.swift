import FoundationEssentials
public import Machine

/// A failure that every rank throws together: it ends all of them cleanly, without `MPI_Abort`.
public struct AgreedFailure: ReportedError {
  public let failure: Failure

  public init(_ failure: Failure) { self.failure = failure }

  public init(_ exitCode: ExitCode, _ description: String) { failure = Failure(exitCode, description) }

  public var exitCode: ExitCode { failure.exitCode }
  public var description: String { failure.description }
}

extension Communicator {
  /// The value of every rank, in the order of the ranks, on every rank.
  ///
  /// Values travel as JSON, in which doubles and integers of 64 bits keep their bits: 20 bytes a rank for a name, 1 kB for a
  /// rank that may run on 256 CPUs, so 10 MB at 10,000 ranks. Decoding a value takes about 10 µs: use it at the start of a run,
  /// and for what happens once. To gather values in each epoch there is ``gather(bytesOf:)``.
  /// - Collective: every rank of the communicator calls it. The C functions are those of ``allGather(_:)``.
  public func gather<Value: Codable>(_ mine: Value) throws -> [Value] {
    guard size > 1 else { return [mine] }
    // An array of one, as not every JSON decoder accepts a bare number at the top level.
    return try allGather(Array(JSONEncoder().encode([mine]))).map { bytes in
      try JSONDecoder().decode([Value].self, from: Data(bytes))[0]
    }
  }

  /// The same for plain numbers, as they are in memory.
  ///
  /// - Collective: every rank of the communicator calls it.
  public func gather<Value: BitwiseCopyable>(bytesOf mine: Value) throws(MPIError) -> [Value] {
    var bytes: [UInt8] = []
    bytes.append(bytesOf: [mine])
    return try allGather(bytes).map { [Value](littleEndian: $0[...])[0] }
  }

  /// Computes bytes on rank 0 and gives them to all ranks; if rank 0 fails, all ranks fail in the same way. Meanwhile the
  /// watchdog uses the limit of `phase`, and while files are read the other ranks sleep.
  /// - Collective: every rank of the communicator calls it. The corresponding C function is `MPI_Bcast`.
  public func fromRoot(_ phase: Watchdog.Phase = .reading, _ body: () throws -> [UInt8]) throws -> [UInt8] {
    try watchdog.during(phase) {
      var message: [UInt8] = []
      if isRoot {
        do { message = [0] + (try body()) } catch {
          let failure = Failure(error)
          message = [UInt8(failure.exitCode.rawValue)] + Array(failure.description.utf8)
        }
      }
      if phase == .reading { try barrierAsleep() }
      try broadcast(&message, from: 0)
      guard let status = message.first, status != 0 else { return Array(message.dropFirst()) }
      throw AgreedFailure(
        ExitCode(rawValue: Int32(status)) ?? .internalError, String(decoding: message.dropFirst(), as: UTF8.self))
    }
  }

  /// As ``fromRoot(_:_:)`` for any value that has a JSON form.
  /// - Collective: every rank of the communicator calls it.
  public func fromRoot<Value: Codable>(_ phase: Watchdog.Phase = .reading, _ body: () throws -> Value) throws -> Value {
    var mine: Value?
    let bytes = try fromRoot(phase) { () throws -> [UInt8] in
      let value = try body()
      mine = value
      return size > 1 ? Array(try JSONEncoder().encode([value])) : []
    }
    return try mine ?? JSONDecoder().decode([Value].self, from: Data(bytes))[0]
  }

  /// Does something on rank 0 that may fail, usually writes files; if it does, all ranks fail in the same way.
  /// - Collective: every rank of the communicator calls it.
  public func onRoot(_ phase: Watchdog.Phase = .writing, _ body: () throws -> Void) throws {
    _ = try fromRoot(phase) { () throws -> [UInt8] in
      try body()
      return []
    }
  }
}
