import ArgumentParser
import Kernels
import Machine
import MPI

/// Runs `body` on every rank and ends MPI, whatever happens: one line on standard error from one rank, the same exit code
/// from all, never a hang.
///
/// After a failure that all ranks know of (`AgreedFailure`) each exits cleanly; one that only a single rank meets ends
/// the others through `MPI_Abort`. `threads` is how many the user wants for a rank.
///
/// - Throws: the exit code, for the argument parser to end with.
func withMPI(threads: Int? = nil, _ body: (borrowing Communicator) throws -> Void) throws {
  // A file that exceeds the user's size limit is then an error of `write`, with a message, and does not kill the process.
  signal(SIGXFSZ, SIG_IGN)
  try reporting(if: LaunchEnvironment.currentRank ?? 0 == 0) {
    let session = try MPISession.start(threads: threads)
    let end = failure {
      try requireKernels(session.world)
      try body(session.world)
    }
    if let end {
      let alone = !(end is AgreedFailure)
      let place = alone && session.world.size > 1 ? "rank \(session.world.rank)@\(hostName()): " : ""
      if alone || session.world.isRoot { report(end, place) }
      if alone { session.world.abort(code: Failure(end).exitCode.rawValue) }
    }
    try session.finish()
    if let end { throw Reported(exitCode: Failure(end).exitCode) }
  }
}

/// Runs `body` on one process without MPI, for a command that needs no more; under a launcher, on rank 0.
///
/// - Throws: the exit code, for the argument parser to end with.
func withOneRank(_ body: (borrowing Communicator) throws -> Void) throws {
  signal(SIGXFSZ, SIG_IGN)  // As above.
  try reporting(if: true) {
    guard let session = MPISession.alone() else { return }
    try requireKernels(session.world)
    try body(session.world)
    try session.finish()
  }
}

/// Runs a command that needs neither ranks nor kernels: what it throws is reported in one line, and becomes the exit code.
func withoutMPI(_ body: () throws -> Void) throws { try reporting(if: true, body) }

/// If MPI fails to start, it usually fails on every rank: only the one that the launcher numbered 0 reports it (`speaks`).
private func reporting(if speaks: Bool, _ body: () throws -> Void) throws {
  do { try body() } catch let error as Reported {
    throw ArgumentParser.ExitCode(error.exitCode.rawValue)
  } catch {
    if speaks { report(error) }
    throw ArgumentParser.ExitCode(Failure(error).exitCode.rawValue)
  }
}

/// A failure that has already been reported to the user.
private struct Reported: Error {
  let exitCode: Machine.ExitCode
}

private func report(_ error: any Error, _ place: String = "") {
  StandardStream.error.write("dist-train: \(place)\(Failure(error))\n")
}

/// What `body` throws, if it does.
private func failure(_ body: () throws -> Void) -> (any Error)? {
  do { try body() } catch { return error }
  return nil
}

/// Makes sure that the CPU of every rank can run the kernels, before one of them meets an illegal instruction.
/// - Collective: every rank of the communicator calls it.
private func requireKernels(_ communicator: borrowing Communicator) throws {
  struct Refusal: Codable {
    var isOfCPU: Bool
    var line: String
  }
  let mine = KernelSet.refusal.map { Refusal(isOfCPU: $0.isOfCPU, line: "\(hostName()): \($0.reason)") }
  let refusals = try communicator.gather(mine)
  guard let first = refusals.firstIndex(where: { $0 != nil }), let refusal = refusals[first] else { return }
  let others = refusals.count { $0 != nil } - 1
  let place = refusals.count > 1 ? "rank \(first)\(others > 0 ? " and \(others) more" : "")@" : ""
  throw AgreedFailure(refusal.isOfCPU ? .unavailable : .usage, place + refusal.line)
}
