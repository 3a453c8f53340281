import CFuzzer
import FuzzReaders
import Machine

// Feeds the reader that FUZZ_READER names until something is found; takes libFuzzer's arguments. See launch/fuzz.

/// What the callback needs: a C function can hold nothing.
enum Target {
  static let reader = {
    // getenv(3) returns nothing or a string, which is copied at once.
    let name = unsafe getenv("FUZZ_READER").map { unsafe String(cString: $0) } ?? ""
    guard let reader = FuzzReader(rawValue: name) else {
      fatalError("FUZZ_READER is '\(name)', not one of \(FuzzReader.allCases.map(\.rawValue))")
    }
    return reader
  }()

  static let folder = {
    do { return try FuzzFolder() } catch { fatalError("\(error)") }
  }()
}

var count = CommandLine.argc
// The program's own arguments live as long as it does.
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
let code = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
  // libFuzzer vouches for `size` bytes, which are copied at once.
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
  do { try Target.reader.check(bytes, in: Target.folder) } catch { fatalError("\(error)") }
  return 0
}
exit(code)
