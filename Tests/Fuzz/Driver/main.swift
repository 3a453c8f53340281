// Feeds the reader that FUZZ_READER names until something is found; takes libFuzzer's arguments. See launch/fuzz.
import CFuzzer
import FuzzReaders
import Glibc

// getenv(3) returns nothing or a string, which is copied at once.
let name = unsafe getenv("FUZZ_READER").map { unsafe String(cString: $0) } ?? ""
guard let chosen = FuzzReader(rawValue: name) else {
  fatalError("FUZZ_READER is '\(name)', not one of \(FuzzReader.allCases.map(\.rawValue))")
}

// The callback of a C function can hold nothing, hence globals. libFuzzer calls it in this thread alone.
nonisolated(unsafe) private let reader = chosen
nonisolated(unsafe) private let folder = try FuzzFolder()

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// SAFETY: the program's own arguments live as long as it does.
let code = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
  // SAFETY: libFuzzer vouches for `size` bytes, which are copied at once.
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
  do { try reader.check(bytes, in: folder) } catch { fatalError("\(error)") }
  return 0
}
exit(code)
