import Foundation
import Machine

/// Calls `body` with the path of an empty directory that is deleted afterwards.
package func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("dist-train-\(UUID())")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  try body(url.path)
}

/// The names in a directory, hidden ones too, in order.
package func names(in directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

/// The bytes of a file, read without the code under test.
package func contents(_ path: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Makes `bytes` the content of a file, without the code under test.
package func put(_ bytes: some Sequence<UInt8>, _ path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// The interpreter that DIST_TRAIN_PYTHON names; it must have numpy and safetensors.
///
/// Runs `script`, whose `sys.argv[1:]` are `arguments`, and returns what it printed.
package func python(_ script: String, _ arguments: String...) throws -> String {
  guard let interpreter = ProcessInfo.processInfo.environment["DIST_TRAIN_PYTHON"] else {
    throw TestSupportError("set DIST_TRAIN_PYTHON to a Python that has numpy and safetensors")
  }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: interpreter)
  process.arguments = ["-c", script] + arguments
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw TestSupportError("Python failed; its message is above") }
  return text
}

/// Calls `body` while this process may write no file beyond `size` bytes, so that writing ends with EFBIG.
///
/// The limit holds for all threads: keep `size` well above what other tests write.
package func withFileSizeLimit(_ size: Int, _ body: () throws -> Void) throws {
  // Two limits at once would restore each other's.
  limitLock.lock()
  defer { limitLock.unlock() }
  // Without this the signal would end the process before the call could fail.
  signal(SIGXFSZ, SIG_IGN)
  let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  var old = rlimit()
  guard unsafe getrlimit(resource, &old) == 0 else { throw TestSupportError("getrlimit failed") }
  var new = rlimit(rlim_cur: UInt(size), rlim_max: old.rlim_max)
  guard unsafe setrlimit(resource, &new) == 0 else { throw TestSupportError("setrlimit failed") }
  defer { unsafe setrlimit(resource, &old) }
  try body()
}

private let limitLock = NSLock()

/// Random words for mutations: SplitMix64, the same in every run.
package struct Mutator {
  private var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  /// A copy of `bytes` with one to four small changes, each a flip, a new byte, a deletion, a doubling or a cut.
  package mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...next(below: 4) where !bytes.isEmpty {
      let place = next(below: bytes.count)
      switch next(below: 6) {
      case 0: bytes[place] ^= 1 << UInt8(next(below: 8))
      case 1: bytes[place] = UInt8(next(below: 256))
      case 2: bytes[place] = Array(#"{}[]":,\0123456789"#.utf8)[next(below: 18)]
      case 3: bytes.remove(at: place)
      case 4: bytes.insert(contentsOf: bytes[place..<min(place + next(below: 32), bytes.count)], at: place)
      default: bytes.removeLast(next(below: min(16, bytes.count)))
      }
    }
    return bytes
  }
}

/// What a test needs and does not have.
package struct TestSupportError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
