import FoundationEssentials
import Machine

extension FuzzReader {
  /// Gives the reader every file of Tests/Fuzz/seeds and Tests/Fuzz/findings, and `mutations` changed copies of them, the
  /// same in every run. Returns how many were accepted and how many refused.
  ///
  /// Where the process dies, the last input is in the folder `dist-train-fuzz-…` of temporary files.
  package func checkKnownFiles(mutations: Int) throws -> (accepted: Int, refused: Int) {
    let folder = try FuzzFolder()
    let files = try Self.knownFiles(of: self)
    var (accepted, refused) = (0, 0)
    func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) throws {
      _ = try folder.write("input", bytes)
      do {
        if try self.check(bytes, in: folder) { accepted += 1 } else { refused += 1 }
      } catch {
        let text = String(decoding: bytes.prefix(5000), as: UTF8.self)
        throw Violation("\(what()): \(error)\n\(bytes.count) bytes: \(text)")
      }
    }
    for file in files { try check(file.bytes, file.path) }
    var mutator = Mutator(files.map(\.bytes))
    for round in 0..<mutations { try check(mutator.next(), "mutation \(round)") }
    return (accepted, refused)
  }

  private static func knownFiles(of reader: FuzzReader) throws -> [(path: String, bytes: [UInt8])] {
    // The folder that holds the folder of this file.
    let tests = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    var files: [(path: String, bytes: [UInt8])] = []
    for kind in ["seeds", "findings"] {
      let folder = "\(tests)/\(kind)/\(reader.rawValue)"
      guard kind == "seeds" || FileManager.default.fileExists(atPath: folder) else { continue }
      for name in try FileSystem.list(folder).sorted() {
        files.append(("\(folder)/\(name)", try FileSystem.read("\(folder)/\(name)")))
      }
    }
    return files
  }
}

/// Changed copies of files, the same in every run: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
private struct Mutator {
  private let files: [[UInt8]]
  private var state: UInt64 = 1

  /// What has a meaning in one format or another.
  private static let special = Array(" ,\n\r\t#\"'{}[]():&*0129+-.eE\0".utf8)

  init(_ files: [[UInt8]]) { self.files = files }

  /// A copy with one or two changes.
  mutating func next() -> [UInt8] {
    var bytes = files[below(files.count)]
    for _ in 0...below(2) {
      let place = below(bytes.count + 1)
      let end = min(bytes.count, place + below(24))
      switch below(12) {
      case 0...4 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
      case 5 where place < bytes.count: bytes[place] = UInt8(below(256))
      case 6: bytes.insert(Self.special[below(Self.special.count)], at: place)
      case 7: bytes.removeSubrange(place..<end)
      case 8: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count + 1))
      case 9: bytes.replaceSubrange(place..<end, with: repeatElement(bytes.first ?? 0, count: below(300)))
      case 10:
        let other = files[below(files.count)]
        let start = below(other.count + 1)
        bytes.replaceSubrange(place..<end, with: other[start..<min(other.count, start + below(60))])
      default: bytes.removeLast(below(min(bytes.count, 20) + 1))
      }
    }
    return bytes
  }

  private mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
