import Events
import Foundation
import Formats
import Machine
import MPI
import Runs
import Testing
import TestSupport
import Training

/// Runs of the version that divided every step by the weights of its own batch.
@Suite struct OldCheckpointTests {
  /// Rewrites the checkpoints of a run as that version wrote them.
  private func age(_ tiny: TinyRun) throws {
    let events = try tiny.runFile().loader(for: .training).load(.solo()).store.digest
    for name in try names(in: "\(tiny.runFolder)/checkpoints").map({ "checkpoints/\($0)" }) + ["model.safetensors"] {
      let path = "\(tiny.runFolder)/\(name)"
      var file = try Safetensors(decoding: contents(path), path: path)
      file.metadata["format"] = "dist-train 2"
      file.metadata["mean_weight"] = nil
      file.metadata["events_digest"] = nil
      file.metadata["events_sha256"] = events
      file.metadata["epoch_sums"] = #"{"correct":0,"events":0,"loss":0,"weight":0}"#
      try put(file.encoded(), path)
    }
  }

  @Test(arguments: ["none", "[3, 3, 3]"])
  func equalWeightsGoOnWithTheSameBits(weights: String) throws {
    let override = (key: "training.class_weights", value: weights)
    let (whole, halves) = (try TinyRun(), try TinyRun())
    try whole.train([override])
    try halves.train([override, ("training.epochs", "2")])
    try age(halves)
    try Run.train(halves.resumption([("training.epochs", "3")]), .solo())
    for name in ["costs.npy", "metrics.json"] {
      #expect(try contents("\(halves.runFolder)/\(name)") == contents("\(whole.runFolder)/\(name)"), "\(name)")
    }
    let models = try [whole, halves].map { try ModelFile($0.runFolder).checkpoint.model }
    #expect(models[0] == models[1] && models[0].meanWeight == (weights == "none" ? 1 : 3))
  }

  @Test(arguments: ["balanced", "[1, 2, 3]"])
  func unequalWeightsCannotGoOn(weights: String) throws {
    let tiny = try TinyRun()
    try tiny.train([("training.class_weights", weights), ("training.epochs", "2")])
    try age(tiny)
    let before = try tiny.everything()
    let failure = try #require(throws: AgreedFailure.self) {
      try Run.train(tiny.resumption([("training.epochs", "3")]), .solo())
    }
    #expect(failure.exitCode == .badData)
    #expect(
      failure.description.hasPrefix("the checkpoint is of an older version, which divided every step by the class "))
    #expect(try tiny.everything() == before)
    // It is still a model.
    #expect(try ModelFile(tiny.runFolder).checkpoint.model.meanWeight == nil)
  }
}
