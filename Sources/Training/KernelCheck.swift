internal import Kernels
internal import MPI

/// Makes sure that the CPU of every rank can run the kernels, before one of them meets an instruction that it does not know.
///
/// All ranks call it together and throw together.
func requireKernels(_ communicator: borrowing Communicator) throws {
  let refusal = KernelSet.refusal
  let mine =
    refusal.map { "\(($0.isOfCPU ? ExitCode.unavailable : .usage).rawValue)\n\(hostName()): \($0.reason)" } ?? ""
  let refusals = try communicator.allGather(Array(mine.utf8)).map { String(decoding: $0, as: UTF8.self) }
  guard let first = refusals.firstIndex(where: { !$0.isEmpty }) else { return }
  let parts = refusals[first].split(separator: "\n", maxSplits: 1)
  let others = refusals.count { !$0.isEmpty } - 1
  let place = refusals.count > 1 ? "rank \(first)\(others > 0 ? " and \(others) more" : "")@" : ""
  throw AgreedFailure(
    failure: Failure(Int32(parts[0]).flatMap(ExitCode.init(rawValue:)) ?? .unavailable, place + parts[1]))
}
