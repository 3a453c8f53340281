import CMPI
public import Machine

/// An MPI routine that did not succeed, or MPI that cannot be used as it was started.
public struct MPIError: ReportedError, Equatable {
  public var exitCode: ExitCode { .internalError }
  /// The code that the routine returned; MPI_ERR_OTHER where no routine was called.
  public let code: Int32
  /// The name of the routine.
  public let function: String
  /// What MPI says about the code.
  public let reason: String
  public var description: String { "\(function): \(reason) (code \(code))" }

  init(code: Int32 = MPI_ERR_OTHER, function: String, reason: String) {
    self.code = code
    self.function = function
    self.reason = reason
  }
}

/// The one way from a return code to an error.
///
/// The corresponding C function for the text is `MPI_Error_string`.
@inline(__always)
func check(_ function: StaticString, _ code: Int32) throws(MPIError) {
  guard code == MPI_SUCCESS else { throw failure(function, code) }
}

private func failure(_ function: StaticString, _ code: Int32) -> MPIError {
  var length: Int32 = 0
  // MPI writes at most MPI_MAX_ERROR_STRING bytes, the size given here.
  let reason = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(MPI_MAX_ERROR_STRING)) { text in
    guard unsafe MPI_Error_string(code, text.baseAddress, &length) == MPI_SUCCESS else { return "unknown error" }
    let bytes = unsafe text.prefix(Int(length)).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: ", ")  // MPICH's have lines.
  }
  return MPIError(code: code, function: "\(function)", reason: reason)
}
