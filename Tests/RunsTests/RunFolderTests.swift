import Foundation
import Machine
import Runs
import Testing
import TestSupport

struct RunFolderTests {
  @Test func namesItsFiles() {
    let folder = RunFolder("runs/hh-bbww")
    #expect(folder.configuration == "runs/hh-bbww/config.yaml")
    #expect(folder.history == "runs/hh-bbww/history.csv")
    #expect(folder.costs == "runs/hh-bbww/costs.npy")
    #expect(folder.model == "runs/hh-bbww/model.safetensors")
    #expect(folder.log == "runs/hh-bbww/log.txt")
    #expect(folder.metrics == "runs/hh-bbww/metrics.json")
    #expect(folder.checkpoint(epoch: 7).path == "runs/hh-bbww/checkpoints/epoch-0007.safetensors")
    #expect(folder.checkpoint(epoch: 12345).path == "runs/hh-bbww/checkpoints/epoch-12345.safetensors")
    #expect(folder.checkpoint(epoch: 0, step: 9).path == "runs/hh-bbww/checkpoints/epoch-0000-step-000009.safetensors")
    #expect(folder.best(epoch: 7) == "runs/hh-bbww/checkpoints/best-0007.safetensors")
    #expect(folder.ranks == "runs/hh-bbww/ranks.csv")
    #expect(folder.status == "runs/hh-bbww/status.json")
    #expect(folder.owner == "runs/hh-bbww/owner.txt")
    #expect(folder.split == "runs/hh-bbww/split.npy")
  }

  /// A prepared folder with checkpoints of these epochs.
  private func folder(_ directory: String, epochs: [Int]) throws -> RunFolder {
    let folder = RunFolder("\(directory)/runs/test")
    try folder.prepare()
    for epoch in epochs { try put([1], folder.checkpoint(epoch: epoch).path) }
    return folder
  }

  @Test func listsCheckpointsNewestFirst() throws {
    try withTemporaryDirectory { directory in
      let folder = try folder(directory, epochs: [2, 10000, 1, 9999, 123456, 10])
      for name in [
        "epoch-7.safetensors", "epoch-00007.safetensors", "epoch-+007.safetensors", "epoch--007.safetensors",
        "epoch-0007.safetensors.bak", ".epoch-0007.safetensors.tmp-1", "epoch-.safetensors",
        "epoch-99999999999999999999.safetensors", "best.safetensors",
      ] { try put([1], "\(folder.path)/checkpoints/\(name)") }
      let checkpoints = try folder.checkpoints()
      #expect(checkpoints.map(\.epoch) == [123456, 10000, 9999, 10, 2, 1])
      #expect(checkpoints.last == folder.checkpoint(epoch: 1))
    }
  }

  @Test func stepsOfAnEpochAreNewerThanItsStart() throws {
    try withTemporaryDirectory { directory in
      let folder = try folder(directory, epochs: [2, 3])
      for step in [5, 1_234_567, 40] { try put([1], folder.checkpoint(epoch: 2, step: step).path) }
      for name in ["epoch-0002-step-7", "epoch-0002-step-000000", "epoch-0002-step--00007", "epoch-0002-step-"] {
        try put([1], "\(folder.path)/checkpoints/\(name).safetensors")
      }
      let found = try folder.checkpoints().map { [$0.epoch, $0.step] }
      #expect(found == [[3, 0], [2, 1_234_567], [2, 40], [2, 5], [2, 0]])
    }
  }

  @Test func keepsTheBestModelsThatACheckpointNeeds() throws {
    try withTemporaryDirectory { directory in
      let folder = try folder(directory, epochs: [3, 6, 9])
      for epoch in [1, 2, 5, 8] { try put([1], folder.best(epoch: epoch)) }
      try put([1], "\(folder.path)/checkpoints/best-1.safetensors")
      #expect(try folder.bestEpochs() == [8, 5, 2, 1])
      try folder.prune(keep: 3)
      #expect(try folder.bestEpochs() == [8, 5, 2], "2 was the best of the first 3")
      try folder.prune(keep: 2)
      #expect(try folder.bestEpochs() == [8, 5])
    }
  }

  @Test func setsNewerCheckpointsAside() throws {
    try withTemporaryDirectory { directory in
      let folder = try folder(directory, epochs: [3, 6, 9])
      try put([1], folder.checkpoint(epoch: 6, step: 2).path)
      for epoch in [2, 6, 8] { try put([1], folder.best(epoch: epoch)) }
      try folder.setAside(newerThan: folder.checkpoint(epoch: 6))
      #expect(try folder.checkpoints().map(\.epoch) == [6, 3])
      #expect(try folder.bestEpochs() == [6, 2])
      let aside = try names(in: "\(folder.path)/checkpoints").filter { $0.hasSuffix(".aside") }
      #expect(aside == ["epoch-0006-step-000002.safetensors.aside", "epoch-0009.safetensors.aside"])
      let mine = "\(folder.path)/checkpoints/before-the-summer.safetensors"
      try put([1], mine)
      try folder.removeCheckpoints()
      #expect(try names(in: "\(folder.path)/checkpoints") == ["before-the-summer.safetensors"])
    }
  }

  @Test(arguments: [1, 2, 3, 9])
  func keepsTheNewestCheckpoints(keep: Int) throws {
    try withTemporaryDirectory { directory in
      let folder = try folder(directory, epochs: [1, 2, 10000, 9999])
      let mine = "\(folder.path)/checkpoints/before-the-summer.safetensors"
      try put([1], mine)
      try folder.prune(keep: keep)
      #expect(try folder.checkpoints().map(\.epoch) == Array([10000, 9999, 2, 1].prefix(keep)))
      #expect(try contents(mine) == [1])
    }
  }

  @Test func clearsWhatDeadWritersLeft() throws {
    try withTemporaryDirectory { directory in
      let folder = try folder(directory, epochs: [1])
      // A process that has come and gone, and one that its parent has not asked for its exit code.
      let dead = Process()
      dead.executableURL = URL(fileURLWithPath: "/bin/true")
      try dead.run()
      dead.waitUntilExit()
      let undead = try zombie()
      defer { waitpid(undead, nil, 0) }
      let kept = [
        // Of the parent, which lives; the user's own; not one of ours.
        ".a.tmp-\(getppid())", "a.tmp-\(dead.processIdentifier)", ".a.tmp-", ".a.tmp-0", ".a.tmp--1", ".a.tmp-1x",
        ".a.tmp-99999999999", ".a.b-\(dead.processIdentifier)",
      ]
      let gone = [".a.tmp-\(dead.processIdentifier)", ".a.tmp-b.tmp-\(getpid())", ".a.tmp-\(undead)"]
      for place in [folder.path, "\(folder.path)/checkpoints"] {
        for name in kept + gone { try put([1], "\(place)/\(name)") }
      }
      try folder.prepare()
      #expect(try names(in: "\(folder.path)/checkpoints") == (kept + ["epoch-0001.safetensors"]).sorted())
      #expect(try names(in: folder.path) == (kept + ["checkpoints"]).sorted())
    }
  }

  @Test func aFolderThatIsNotThereHasNoCheckpoints() throws {
    try withTemporaryDirectory { directory in
      let checkpoints = try RunFolder("\(directory)/none").checkpoints()
      #expect(checkpoints.isEmpty)
    }
  }

  @Test func whatAnInterruptedStartLeftIsFree() throws {
    try withTemporaryDirectory { directory in
      let folder = RunFolder("\(directory)/run")
      try FileSystem.makeDirectories(folder.path)
      try AtomicFile.write([1], to: "\(folder.path)/.owner.txt.tmp-7")
      #expect(try folder.isFree())
      _ = try FolderOwner(claiming: folder, as: .current)
      try folder.prepare()
      for path in [folder.costs, folder.history, folder.status, "\(folder.path)/.config.yaml.tmp-7"] {
        try AtomicFile.write([1], to: path)
      }
      #expect(try folder.isFree())
      try AtomicFile.write([1], to: "\(folder.path)/thesis.tex")
      #expect(try !folder.isFree())
    }
  }

  /// Names that a run uses as well are no sign of one.
  @Test(arguments: ["history.csv", "config.yaml", "log.txt", "owner.txt", "checkpoints", "notes.md"])
  func whatSomebodyElseLeftIsNot(_ name: String) throws {
    try withTemporaryDirectory { directory in
      try put("epoch,loss\n1,0.5\n".utf8, "\(directory)/\(name)")
      #expect(try !RunFolder(directory).isFree())
    }
  }

  @Test func outputsAreNotWrittenOverARunsFiles() throws {
    let tiny = try TinyRun()
    try tiny.files.prepare()
    let folder = tiny.files
    #expect(throws: Never.self) { try RunFolder.requireNoFileOfARun(folder.costs) }
    try put([1], folder.configuration)
    try FileManager.default.createSymbolicLink(atPath: tiny.folder("link.npy"), withDestinationPath: folder.costs)
    for path in [folder.costs, folder.metrics, folder.path + "/./history.csv", tiny.folder("link.npy")] {
      let failure = #expect(throws: Failure.self) { try RunFolder.requireNoFileOfARun(path) }
      #expect(failure?.exitCode == .usage && failure?.description.hasPrefix("\(path): ") == true)
    }
    for path in [folder.path + "/scores.npy", tiny.folder("costs.npy")] {
      #expect(throws: Never.self) { try RunFolder.requireNoFileOfARun(path) }
    }
  }

  /// A child that has ended and waits to be asked how.
  private func zombie() throws -> pid_t {
    var child: pid_t = 0
    // Without arguments and environment; the number is written before it returns.
    let result = unsafe posix_spawn(&child, "/bin/true", nil, nil, [nil], nil)
    try #require(result == 0)
    var information = unsafe siginfo_t()
    // Fills in `information`; WNOWAIT leaves the child as it is.
    let waited = unsafe waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT)
    try #require(waited == 0)
    return child
  }
}
