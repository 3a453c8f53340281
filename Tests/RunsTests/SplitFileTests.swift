import Events
import Formats
import Foundation
import Machine
import MPI
import RunFiles
import Runs
import Testing
import TestSupport

@Suite struct SplitFileTests {
  @Test func everyEventHasItsUse() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let bytes = try contents(tiny.files.split)
    let header = try NpyHeader(bytes.span, size: bytes.count)
    #expect(header.descr == "|u1" && header.shape == [200] && bytes.count == header.dataOffset + 200)
    let split = Split(train: 0.7, validation: 0.15, test: 0.15)
    for (index, label) in tiny.labels.enumerated() {
      let first = tiny.labels.firstIndex(of: label) ?? 0
      #expect(
        Int(bytes[header.dataOffset + index]) == split.use(process: label, event: index - first, seed: 7).rawValue)
    }
  }

  /// Runs of version 0.6 have no such file and no `split.seed`: the seed of the training divided their events.
  @Test func aRunOfAnOlderVersionKeepsItsSplit() throws {
    let (whole, old) = (try TinyRun(), try TinyRun())
    try whole.train()
    try old.train([("training.epochs", "2")])
    // Run files of that time had no such key.
    try old.folder.write("tiny.yaml", old.yaml.replacing("split: {seed: 7}\n", with: ""))
    let split = try contents(old.files.split)
    func age(_ text: String) -> String { text.replacing(", by: random, seed: 7}", with: "}") }
    let config = String(decoding: try contents(old.files.configuration), as: UTF8.self)
    #expect(age(config) != config)
    try put(Array(age(config).utf8), old.files.configuration)
    for name in try names(in: "\(old.runFolder)/checkpoints").map({ "checkpoints/\($0)" }) + ["model.safetensors"] {
      let path = "\(old.runFolder)/\(name)"
      var file = try Safetensors(decoding: contents(path), path: path)
      file.metadata["run_file"] = file.metadata["run_file"].map(age)
      try put(file.encoded(), path)
    }
    try old.remove(old.files.split)
    #expect(try ModelFile(old.runFolder).runFile().split.seed == 7)
    // The folder decides, whatever the run file of today would say; and --force starts anew.
    #expect(try RunStart.find(old.continuation()).run.split.seed == 7)
    #expect(try RunStart.find(old.resumption()).run.split.seed == 7)
    var forced = old.request()
    forced.force = true
    #expect(try RunStart.find(forced).run.split.seed == 42)
    try Run.train(old.continuation([("training.epochs", "3")]), .solo())
    for name in ["costs.npy", "metrics.json", "split.npy"] {
      #expect(try contents("\(old.runFolder)/\(name)") == contents("\(whole.runFolder)/\(name)"), "\(name)")
    }
    #expect(try contents(old.files.split) == split)
    #expect(try RunFile(contentsOf: old.files.configuration).split.seed == 7)
  }
}
