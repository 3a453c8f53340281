import Events
import FoundationEssentials
import Machine
import RunFiles

/// The event files of a run: their sizes, times and digests, by which a later start recognises them.
struct EventFilesRecord: Codable {
  var files: [EventFile]

  /// That of a run; nil where there is none, as in runs of versions up to 0.5.
  init?(of folder: RunFolder) {
    guard let bytes = try? FileSystem.read(folder.events),
      let read = try? JSONDecoder().decode(Self.self, from: Data(bytes))
    else { return nil }
    self = read
  }

  init(_ files: [EventFile]) { self.files = files }

  func write(to folder: RunFolder) throws(FileError) {
    try AtomicFile.write(Array((json(self) + "\n").utf8), to: folder.events)
  }

  /// The first file of a run that has changed since it was read. A file that is gone does not count as changed.
  func firstChange(in run: RunFile) throws(DataError) -> String? {
    let paths = run.data.processes.flatMap { process in
      let weights = process.weightPaths(in: run.data.directory)
      return process.paths(in: run.data.directory).enumerated().map { index, path in
        (path, index < weights.count ? weights[index] : nil)
      }
    }
    for (file, (path, weights)) in zip(files, paths) {
      var file = file
      file.path = path
      if let weights { file.weights?.path = weights }
      if let change = try file.firstChange() { return change }
    }
    return nil
  }
}
