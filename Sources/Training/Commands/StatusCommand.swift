internal import FoundationEssentials

/// `dist-train status`: how far runs are, read from their folders; for the login node, while they run elsewhere.
public struct StatusCommand: Sendable {
  /// Run folders, or folders of runs.
  public var folders: [String]

  /// By name; without any, those in ``defaultFolder``.
  public init(folders: [String]) { self.folders = folders }

  /// Where runs are when nothing else is said, from the working directory.
  public static let defaultFolder = "runs"

  /// Seconds between two signs of life of a run.
  public static let interval = RunStatus.interval

  /// Tells. Returns the exit code.
  public func run() -> Int32 {
    do {
      let runs = try (folders.isEmpty ? [Self.defaultFolder] : folders).flatMap(Self.runs)
      for run in runs { write(Self.description(of: run) + "\n", to: 1) }
      return ExitCode.done.rawValue
    } catch {
      write("dist-train: \(Failure(error))\n", to: 2)
      return Failure(error).code.rawValue
    }
  }

  /// The runs that `path` means: itself, or those in it.
  private static func runs(_ path: String) throws -> [RunFolder] {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let isRun = { (folder: RunFolder) in
      [folder.configuration, folder.status].contains { FileManager.default.fileExists(atPath: $0) }
    }
    if isRun(RunFolder(path)) { return [RunFolder(path)] }
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory else {
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
    if FileManager.default.fileExists(atPath: folder.metrics) { return "\(folder.path): finished" }
    guard let newest = (try? folder.checkpoints())?.first else { return "\(folder.path): no checkpoint yet" }
    let step = newest.step > 0 ? ", step \(grouped(newest.step)) of the next one" : ""
    return "\(folder.path): no status.json; the newest checkpoint is that after epoch \(newest.epoch)\(step)"
  }
}
