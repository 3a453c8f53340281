import Machine

extension RunFolder {
  /// Refuses to let a command overwrite a file of a run, which the run needs to continue.
  ///
  /// - Throws: 64 if `path`, its links followed, is in the folder of a run under a name of the run's own.
  package static func requireNoFileOfARun(_ path: String) throws {
    guard let target = try? FileSystem.resolvingLinks(path) else { return }
    let folder = RunFolder(FileSystem.parent(of: target))
    let name = target.split(separator: "/").last ?? ""
    guard folder.isRun, folder.ownNames.contains(String(name)) else { return }
    throw Failure(.usage, "\(path): this file belongs to the run in \(folder.path); name another file")
  }
}
