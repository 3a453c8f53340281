import ArgumentParser
import FoundationEssentials
import Machine
import Runs

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how far runs are, from another machine too.",
    discussion: "Reads status.json in a run's folder, which a run renews every \(RunStatus.interval) s.")

  /// Where runs are when nothing else is said, from the working directory.
  private static let defaultFolder = "runs"

  @Argument(
    help: ArgumentHelp("Run folders, or folders of runs (default: \(Status.defaultFolder)).", valueName: "folder"))
  var folders: [String] = []

  func run() throws {
    try withoutMPI {
      let runs = try (folders.isEmpty ? [Self.defaultFolder] : folders).flatMap(Self.runs)
      for run in runs { StandardStream.output.write(Self.description(of: run) + "\n") }
    }
  }

  /// The runs that `path` means: itself, or those in it.
  private static func runs(_ path: String) throws -> [RunFolder] {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let isRun = { (folder: RunFolder) in
      [folder.configuration, folder.status].contains { FileSystem.exists($0) }
    }
    if isRun(RunFolder(path)) { return [RunFolder(path)] }
    guard FileSystem.isDirectory(path) else {
      throw Failure(.missing, "\(path): no such folder; name the folder of a run")
    }
    let inside = try FileSystem.list(path).sorted().map { RunFolder("\(path)/\($0)") }.filter(isRun)
    guard !inside.isEmpty else { throw Failure(.missing, "\(path): no run in it; name the folder of a run") }
    return inside
  }

  private static func description(of folder: RunFolder) -> String {
    if let status = (try? FileSystem.read(folder.status)).flatMap(RunStatus.decoded) {
      return status.lines(folder: folder.path, now: Date()).joined(separator: "\n")
    }
    if FileSystem.exists(folder.metrics) { return "\(folder.path): finished" }
    guard let newest = (try? folder.checkpoints())?.first else { return "\(folder.path): no checkpoint yet" }
    let step = newest.step > 0 ? ", step \(grouped(newest.step)) of the next one" : ""
    return "\(folder.path): no status.json; the newest checkpoint is that after epoch \(newest.epoch)\(step)"
  }
}
