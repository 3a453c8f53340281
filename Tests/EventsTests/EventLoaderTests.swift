import Events
import Foundation
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
    #expect(files.map(\.process) == ["s", "s", "b"] && files.map(\.events) == [3, 1, 2] && files == loaded.files)
    #expect(files.map(\.path) == ["a.csv", "b.csv", "c.txt"].map { folder($0) })
    #expect(files.map(\.stamp.size) == [19, 11, 11] && Set(files.map(\.digest)).count == 3)
    // sha256sum of 6 × 16 floats and 6 integers of 32 bits, which checkpoints of older versions vouch for.
    let old = "60a20d3be784889b215cfb061e23b216bbb1f14741ed0fa45132549c3864b0be"
    #expect(try store.digest == old && loader.load(.solo(), digestLike: old).digest == old)
    #expect(try loader.load(.solo(), digestLike: loaded.digest).digest == loaded.digest)
  }

  /// A digest of the bytes: not of paths and times, and of every byte, byte order and end.
  @Test func theDigestIsThatOfTheFiles() throws {
    let digest = try loader.load(.solo()).digest
    let other = try TemporaryFolder()
    for name in ["a.csv", "b.csv", "c.txt"] { try other.write(name, FileSystem.read(folder(name))) }
    var loader = loader
    loader.directory = other.path
    #expect(try loader.load(.solo()).digest == digest)
    try other.write("c.txt", "10 9\n12 13\n")
    #expect(try loader.load(.solo()).digest != digest)
    try other.write("c.txt", "10 9\n12 11\n\n")
    #expect(try loader.load(.solo()).digest != digest)
    loader = self.loader
    loader.processes[0].files = ["b.csv", "a.csv"]
    #expect(try loader.load(.solo()).digest != digest)
    // More than one MiB, cut anywhere, and zeros behind.
    let bytes = (0..<(1 << 20) + 9).map { UInt8(truncatingIfNeeded: $0 * 7 % 251) }
    let digests = try [bytes, bytes.dropLast(), bytes + [0], bytes + [0, 0], bytes.reversed()].map { content in
      try FileDigest.hexDigest(ofFile: other.write("bytes", content))
    }
    #expect(Set(digests).count == 5)
  }

  @Test func whetherAFileIsTheOneThatWasRead() throws {
    let file = try loader.load(.solo()).files[0]
    #expect(try file.isUnchanged())
    let content = try FileSystem.read(file.path)
    try folder.write("a.csv", content)
    #expect(try file.isUnchanged(), "written again, with the same bytes")
    try folder.write("a.csv", "eta,pt\n1,2\n3,4\n5,7\n")
    #expect(try !file.isUnchanged(), "of the same size")
    // With its former time.
    let time = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate]
    try folder.write("a.csv", "eta,pt\n1,2\n3,4\n5,8\n")
    try FileManager.default.setAttributes([.modificationDate: try #require(time)], ofItemAtPath: file.path)
    #expect(try !file.isUnchanged())
    try folder.write("a.csv", content + [10])
    #expect(try !file.isUnchanged())
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
