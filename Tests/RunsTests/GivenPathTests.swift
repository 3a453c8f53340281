import Machine
import Runs
import TestSupport
import Testing

/// A run folder where a run file is needed, and the other way round: the message says so and has the command.
@Suite struct GivenPathTests {
  /// A folder that has what makes it a run.
  private func makeRun(_ path: String) throws {
    let folder = RunFolder(path)
    try FileSystem.makeDirectories("\(path)/checkpoints")
    try put("{}".utf8, folder.status)
    try put("name: x".utf8, folder.configuration)
    try put("{}".utf8, folder.metrics)
  }

  /// As if the user had typed `words` behind the program's name.
  private func typed(_ words: String...) -> Invocation {
    Invocation(
      words: ["dist-train"] + words, launcher: nil, executable: nil, workingDirectory: "/nowhere",
      exists: { _ in false })
  }

  @Test func aRunFileIsNoRun() throws {
    let tiny = try TinyRun()
    let before = GivenPath.refusal(ofRun: tiny.path, typed("evaluate", tiny.path))
    #expect(before?.exitCode == .usage)
    #expect(before?.description.hasSuffix("start the run first: dist-train \(tiny.path)") == true)
    try makeRun(tiny.runFolder)
    try put("name: tiny".utf8, RunFolder(tiny.runFolder).configuration)
    let after = GivenPath.refusal(ofRun: tiny.path, typed("predict", tiny.path, "a b.csv", "-o", "x"))
    #expect(
      after?.description
        == "\(tiny.path): this is a run file, but a run folder is needed here; type: dist-train predict "
        + "\(tiny.runFolder) 'a b.csv' -o x")
    let resumed = GivenPath.refusal(ofRun: tiny.path, option: "--resume", typed("--resume=\(tiny.path)"))
    #expect(resumed?.description.hasSuffix("type: dist-train --resume=\(tiny.runFolder)") == true)
    #expect(GivenPath.refusal(ofRun: tiny.runFolder) == nil && GivenPath.refusal(ofRunFile: tiny.path) == nil)
  }

  @Test func aRunIsNoRunFile() throws {
    let tiny = try TinyRun()
    try makeRun(tiny.runFolder)
    let refusal = GivenPath.refusal(ofRunFile: tiny.runFolder, typed("train", tiny.runFolder, "--threads", "2"))
    #expect(
      refusal?.description == "\(tiny.runFolder): this is a run folder, but a run file is needed here; to continue "
        + "this run, type: dist-train train --resume \(tiny.runFolder) --threads 2")
    // It can be run again from the run file that it keeps.
    #expect(GivenPath.refusal(ofRunFile: "\(tiny.runFolder)/config.yaml") == nil)
    #expect(GivenPath.refusal(ofRunFile: "\(tiny.runFolder)/metrics.json")?.exitCode == .usage)
    #expect(GivenPath.refusal(ofRunFile: tiny.folder("runs"))?.exitCode == .missing)
    #expect(GivenPath.refusal(ofRunFile: tiny.folder("signal.txt"))?.exitCode == .usage)
    #expect(
      GivenPath.refusal(ofRunFile: tiny.folder("tiny"))?.description.hasSuffix("did you mean \(tiny.path)?") == true)
  }

  @Test func aMistakeInARunFileIsLeftToItsReader() throws {
    let folder = try TemporaryFolder()
    try folder.write("broken.conf", "training: {epoch: 3}\n")
    try folder.write("broken.yaml", "[")
    #expect(GivenPath.refusal(ofRunFile: folder("broken.conf")) == nil)
    #expect(GivenPath.refusal(ofRunFile: folder("broken.yaml")) == nil)
    #expect(GivenPath.refusal(ofRunFile: folder("nothing.yaml")) == nil)
  }

  @Test func aPartOfARunLeadsToIt() throws {
    let folder = try TemporaryFolder()
    let run = folder("runs/mine")
    try makeRun(run)
    for part in ["metrics.json", "config.yaml", "checkpoints"] {
      let path = "\(run)/\(part)"
      let refusal = GivenPath.refusal(ofRun: path, typed("evaluate", path))
      #expect(refusal?.description.hasSuffix("type: dist-train evaluate \(run)") == true, "\(part)")
    }
    try put([], "\(run)/checkpoints/epoch-0001.safetensors")
    #expect(GivenPath.refusal(ofRun: "\(run)/checkpoints/epoch-0001.safetensors") == nil)
    #expect(GivenPath.refusal(ofRun: "\(run)/checkpoints/epoch-0001.safetensors", option: "--resume") != nil)
    let runs = folder("runs")
    #expect(
      GivenPath.refusal(ofRun: runs, typed("evaluate", runs))?.description
        == "\(runs): this folder holds runs (mine), but one of them is needed here; type: dist-train evaluate \(run)")
    #expect(GivenPath.refusal(ofRun: folder("runs/mien"))?.description.hasSuffix("did you mean \(run)?") == true)
  }

  @Test func aModelMayBeACopyAnywhere() throws {
    let folder = try TemporaryFolder()
    // The length of a header that is shorter than the file.
    try put([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), folder("copy"))
    try folder.write("events.csv", "1,2,3\n4,5,6\n")
    #expect(GivenPath.refusal(ofRun: folder("copy")) == nil)
    #expect(GivenPath.refusal(ofRun: folder("events.csv"))?.exitCode == .usage)
    // A project's folder in which the run file is called config.yaml is no run.
    try folder.write("config.yaml", "name: x")
    #expect(GivenPath.refusal(ofRun: folder("")) != nil && !GivenPath(folder("")).isRun)
  }
}
