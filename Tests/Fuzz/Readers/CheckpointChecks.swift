import Formats
import Machine
import Runs

extension FuzzReader {
  /// What is accepted is written and read again to the bit.
  func checkSafetensors(_ bytes: [UInt8]) throws -> Bool {
    let read: Safetensors
    do {
      read = try Safetensors(decoding: bytes, path: "file")
    } catch {
      try require(error.exitCode == .badData, "\(error) has exit code \(error.exitCode)")
      try requireOneLine("\(error)")
      return false
    }
    let written = read.encoded()
    let again: Safetensors
    do { again = try Safetensors(decoding: written, path: "again") } catch {
      throw Violation("was accepted, but not when it was written again: \(error)")
    }
    try require(again.metadata == read.metadata, "metadata \(read.metadata) became \(again.metadata)")
    for (old, new) in zip(read.tensors, again.tensors) {
      try require(
        old.name == new.name && old.shape == new.shape && bits(of: old) == bits(of: new),
        "tensor \(old.name) of shape \(old.shape) changed")
    }
    try require(read.tensors.count == again.tensors.count, "\(again.tensors.count) of \(read.tensors.count) tensors")
    return true
  }

  /// The same for a checkpoint.
  func checkCheckpoint(_ bytes: [UInt8]) throws -> Bool {
    let read: Checkpoint
    do {
      read = try Checkpoint(decoding: bytes, path: "file")
    } catch {
      try require(error is FileError || error is Failure, "an error of another type: \(error)")
      try requireOneLine("\(error)")
      return false
    }
    let written = read.encoded()
    do {
      let again = try Checkpoint(decoding: written, path: "again").encoded()
      try require(again == written, "was written in two ways")
    } catch let error where !(error is Violation) {
      throw Violation("was accepted, but not when it was written again: \(error)")
    }
    return true
  }
}

/// Equal for the same numbers, NaN included.
private func bits(of tensor: Tensor) -> [UInt64] {
  switch tensor.values {
  case .float32(let values): values.map { UInt64($0.bitPattern) }
  case .float64(let values): values.map(\.bitPattern)
  }
}
