import Events
import Machine
import MPI
import Testing
import TestSupport

@Suite struct EventLoaderTests {
  let folder: TemporaryFolder
  let loader: EventLoader

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("a.csv", "eta,pt\n1,2\n3,4\n5,6\n")
    try folder.write("b.csv", "pt,eta\n8,7\n")
    try folder.write("c.txt", "10 9\n12 11\n")
    loader = EventLoader(
      processes: [ProcessFiles(name: "s", files: ["a.csv", "b.csv"]), ProcessFiles(name: "b", files: ["c.txt"])],
      directory: folder.path, request: EventRequest(layout: .eventsByRow, features: ["pt", "eta"]),
      split: Split(train: 1, validation: 0, test: 0), seed: 1, scaling: .given(.identity(features: 2)),
      classWeights: .balanced)
  }

  @Test func whatFilesHoldIsInTheStore() throws {
    var files: [EventFile] = []
    let loaded = try loader.load(.solo()) { files = $0 }
    let store = loaded.store
    #expect(store.events == 6 && store.training == 0..<6)
    #expect((0..<6).map { store.feature(0, ofRow: $0) } == [2, 4, 6, 8, 10, 12])
    #expect((0..<6).map { store.feature(1, ofRow: $0) } == [1, 3, 5, 7, 9, 11])
    #expect((0..<6).map(store.label) == [0, 0, 0, 0, 1, 1])
    #expect((0..<6).map(store.identity) == [0, 1, 2, 3, 0, 1])
    #expect(store.classNames == ["s", "b"] && store.featureNames == ["pt", "eta"])
    #expect(store.counts == [EventCounts(training: 4), EventCounts(training: 2)])
    #expect(store.classWeights == [0.75, 1.5])
    #expect(
      files == [
        EventFile(process: "s", path: folder("a.csv"), events: 3),
        EventFile(process: "s", path: folder("b.csv"), events: 1),
        EventFile(process: "b", path: folder("c.txt"), events: 2),
      ])
    // sha256sum of 6 × 16 floats and 6 integers of 32 bits, which checkpoints of older versions vouch for.
    #expect(loaded.digest == "60a20d3be784889b215cfb061e23b216bbb1f14741ed0fa45132549c3864b0be")
    #expect(loaded.digest == store.digest)
  }

  @Test func faultsAreThoseOfAllRanks() throws {
    func failure(_ loader: EventLoader) -> AgreedFailure? {
      do { _ = try loader.load(.solo()) } catch { return error as? AgreedFailure }
      return nil
    }
    var loader = loader
    loader.processes[1].files = ["d.txt"]
    #expect(failure(loader)?.exitCode == .missing)
    #expect(failure(loader)?.description.hasPrefix("\(folder("d.txt")): no such file;") == true)
    loader.processes[1].files = ["c.txt"]
    loader.split = Split(train: 1e-9, validation: 0.5, test: 0.5)
    #expect(failure(loader)?.exitCode == .badData)
    #expect(
      failure(loader)?.description == "\(folder("a.csv")): none of the 4 events of process 's' falls into the training "
        + "split; give it more events or raise split.train")
  }
}
