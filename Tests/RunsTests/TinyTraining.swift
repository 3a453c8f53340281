import Foundation
import MPI
import RunFiles
import Runs
import TestSupport
import Training

extension TinyRun {
  typealias Override = (key: String, value: String)

  func runFile(_ overrides: [Override] = []) throws -> RunFile {
    try RunFile(yaml: yaml, named: path, overrides: overrides)
  }

  /// The run file with the size of a block written out, as a run has it.
  func wholeRunFile(_ overrides: [Override] = []) throws -> RunFile {
    var run = try runFile(overrides)
    run.training.block = run.trainerOptions.block
    return run
  }

  /// What `dist-train tiny.yaml` asks.
  func request(_ overrides: [Override] = []) -> RunRequest {
    var request = RunRequest()
    request.runFile = path
    request.overrides = overrides
    request.threads = 1
    request.progress = .off
    return request
  }

  /// What `dist-train --resume runs/tiny` asks.
  func resumption(_ overrides: [Override] = []) -> RunRequest {
    var request = request(overrides)
    request.runFile = nil
    request.resume = runFolder
    return request
  }

  /// What `dist-train tiny.yaml --continue` asks.
  func continuation(_ overrides: [Override] = []) -> RunRequest {
    var request = request(overrides)
    request.continues = true
    return request
  }

  func train(_ overrides: [Override] = []) throws { try Run.train(request(overrides), .solo()) }

  var files: RunFolder { RunFolder(runFolder) }

  /// The content of every file of the run, by name.
  func everything() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for folder in [runFolder, "\(runFolder)/checkpoints"] {
      for name in try names(in: folder) where name != "checkpoints" { found[name] = try contents("\(folder)/\(name)") }
    }
    return found
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }
}
