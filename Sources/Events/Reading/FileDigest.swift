import Formats
import Machine
import Numerics

/// A fast digest of the bytes of a file: SHA-256 of the `BitDigest`s of its MiBs and of its length. It tells whether a file is the
/// one that was read, and is no protection against intent.
public enum FileDigest {
  private static let block = 1 << 20

  /// In hexadecimal, by all CPUs that the process may use.
  public static func hexDigest(ofFile path: String) throws(DataError) -> String {
    do throws(FileError) {
      let file = SharedFile(try OpenFile(path, .read))
      return try hexDigest(of: file, size: file.file.size())
    } catch { throw DataError(error) }
  }

  private static func hexDigest(of file: SharedFile, size: Int) throws(FileError) -> String {
    let parts = concurrentMap((size + block - 1) / block) { index -> Result<[UInt8], FileError> in
      var bytes = [UInt8](repeating: 0, count: min(block, size - index * block))
      do throws(FileError) {
        bytes.removeLast(bytes.count - (try file.file.read(at: index * block, into: &bytes, from: 0)))
      } catch { return .failure(error) }
      var digest = BitDigest()
      digest.update(bytes.span)
      return .success(digest.bytes)
    }
    var all: [UInt8] = []
    for part in parts { all += try part.get() }
    all.append(bytesOf: [UInt64(size)])
    return SHA256.hexDigest(of: all.span)
  }
}

/// What tells the events of a run from others: a digest of the bytes of all files of all processes, in their order. Up to
/// version 0.5 it was SHA-256 of the events in memory; a run from that time keeps it (``EventStore/digest``).
public enum EventsDigest {
  private static let prefix = "files:"

  /// Whether a digest is that of files; also where there is none.
  public static func isOfFiles(_ digest: String?) -> Bool { digest?.hasPrefix(prefix) ?? true }

  /// The digest of files whose own digests are known.
  static func hexDigest(of processes: [[EventFile]]) -> String {
    let lines = processes.map { $0.map(\.digest).joined(separator: "\n") }
    return prefix + SHA256.hexDigest(of: Array(lines.joined(separator: "\n\n").utf8).span)
  }
}

extension EventFile {
  /// Whether the file at this path is the one that was read, as far as size and time tell, else by its bytes.
  public func isUnchanged() throws(DataError) -> Bool {
    let now = try stampNow()
    if now == stamp { return true }
    guard now.size == stamp.size else { return false }
    return try FileDigest.hexDigest(ofFile: path) == digest
  }

  /// Refuses a file that was written to since it was opened.
  func requireUnchanged() throws(DataError) {
    let now = try stampNow()
    guard (now.size, now.modified) == (stamp.size, stamp.modified) else {
      throw DataError(
        .badData, file: path, what: "changed while it was read", advice: "let nothing write to it and run again")
    }
  }

  private func stampNow() throws(DataError) -> FileStamp {
    do throws(FileError) { return try OpenFile(path, .read).stamp() } catch { throw DataError(error) }
  }
}
