import Formats
import Machine
import MPI
import RunFiles

/// What a user asks of a training, or of a check of one.
package struct RunRequest: Sendable {
  /// The run file; nil for the shipped one, or when resuming.
  package var runFile: String?
  /// `--section.key=value` pairs in their order.
  package var overrides: [(key: String, value: String)] = []
  /// Threads per rank; nil for a fair share of the host's CPUs.
  package var threads: Int?
  /// The folder of a run to continue.
  package var resume: String?
  /// Whether to continue where the run's folder has a checkpoint.
  package var continues = false
  /// Whether another run's folder may be overwritten.
  package var force = false
  package var progress = Console.Progress.auto
  /// Seconds after which to stop with a checkpoint.
  package var maxSeconds: Int?

  package init() {}

  /// The run file that is used when none is named, from the working directory.
  package static let defaultRunFile = "data/hh-bbww.yaml"

  /// What a rank can know before rank 0 has read anything.
  var facts: [SharedFact] {
    var words = [threads.map { "--threads \($0)" } ?? "", resume.map { "--resume \($0)" } ?? ""]
    words += ["\(continues) \(force)", runFile ?? "", maxSeconds.map(String.init) ?? ""]
    words += overrides.map { "\($0.key)=\($0.value)" }
    // If this rank has the file at all; it need not, as rank 0 reads it for all.
    let file = runFile ?? Self.defaultRunFile
    let text = resume == nil ? try? RunFile.bytes(of: file) : nil
    return [
      SharedFact(
        name: "command line", value: SHA256.digest(of: Array(words.joined(separator: "\n").utf8)),
        advice: "start all ranks with the same arguments"),
      SharedFact(
        name: "build of the program", value: BuildIdentity.current,
        advice: "copy the same dist-train to all hosts, or start it from a file system that they share"),
      SharedFact(
        name: "run file", value: text.map { SHA256.digest(of: $0) } ?? [],
        advice: "copy the same \(file) to all hosts, or start in a folder that they share"),
    ]
  }
}
