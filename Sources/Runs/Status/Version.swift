import Kernels
import Machine
import MPI

/// The version of the program.
package let version = "0.7.0"

/// What computes here, for the first line of a run: version, build, kernels, MPI.
var programDescription: String {
  let build = BuildIdentity.current.prefix(4).hexadecimal
  #if DEBUG
    let optimization = "not optimised"
  #else
    let optimization = ""
  #endif
  let words = [
    "dist-train \(version)", build.isEmpty ? "" : "build \(build)", optimization, KernelSet.chosen.instructionSet,
    MPISession.library,
  ]
  return words.filter { !$0.isEmpty }.joined(separator: ", ")
}
