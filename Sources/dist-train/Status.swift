import ArgumentParser
import FoundationEssentials
import Machine
import Runs

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print how far runs are, on this machine or another.",
    usage: "dist-train status [<folder> ...]",
    discussion: "Reads status.json in the run's folder, which the run updates every \(RunStatus.interval) seconds.")

  /// The default folder of runs, relative to the working directory.
  private static let defaultFolder = "runs"

  @Argument(
    help: ArgumentHelp(
      "Run folders, or folders that contain runs (default: \(Status.defaultFolder)).", valueName: "folder"))
  var folders: [String] = []

  func run() throws {
    try withoutMPI {
      if folders.isEmpty && !FileSystem.isDirectory(Self.defaultFolder) {
        let folder = if case .runs = GivenPath(".") { "." } else { "FOLDER" }
        throw Failure(
          .missing,
          "there is no folder '\(Self.defaultFolder)' here; give a run folder or a folder that contains runs: "
            + Invocation.current.command("status", folder))
      }
      let runs = try (folders.isEmpty ? [Self.defaultFolder] : folders).flatMap(Self.runs)
      for run in runs { StandardStream.output.write(Self.description(of: run) + "\n") }
    }
  }

  /// The runs that `path` means: itself, or those in it.
  private static func runs(_ path: String) throws -> [RunFolder] {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if RunFolder(path).isRun { return [RunFolder(path)] }
    guard FileSystem.isDirectory(path) else {
      throw GivenPath.refusal(ofRun: path)
        ?? Failure(.usage, "\(path): this is a file, but a run folder is needed here, such as runs/NAME")
    }
    let inside = try FileSystem.list(path).sorted().map { RunFolder("\(path)/\($0)") }.filter(\.isRun)
    guard !inside.isEmpty else {
      throw Failure(
        .missing, "\(path): there is no run in this folder; give a run folder or a folder that contains runs")
    }
    return inside
  }

  private static func description(of folder: RunFolder) -> String {
    if let status = (try? FileSystem.read(folder.status)).flatMap(RunStatus.decoded) {
      let isGone = FolderOwner.Record(of: folder)?.identity?.exists == false
      return status.lines(folder: folder.path, now: Date(), isGone: isGone).joined(separator: "\n")
    }
    if FileSystem.exists(folder.metrics) { return "\(folder.path): finished" }
    guard let newest = (try? folder.checkpoints())?.first else { return "\(folder.path): no checkpoint yet" }
    let step = newest.step > 0 ? ", step \(grouped(newest.step)) of the next one" : ""
    return "\(folder.path): no status.json; the newest checkpoint is that after epoch \(newest.epoch)\(step)"
  }
}
