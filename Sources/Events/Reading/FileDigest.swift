import Formats
import Machine
import Numerics

/// A fast digest of the bytes of a file: SHA-256 of the `BitDigest`s of its MiBs and of its length. It detects whether a file has
/// changed since it was read, but does not protect against deliberate changes.
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

/// Identifies the events of a run: a digest of the bytes of all files of all processes, in their order. Up to
/// version 0.5 it was SHA-256 of the events in memory; a run from that time keeps it (``EventStore/digest``).
public enum EventsDigest {
  private static let prefix = "files:"

  /// Whether a digest is that of files; also where there is none.
  public static func isOfFiles(_ digest: String?) -> Bool { digest?.hasPrefix(prefix) ?? true }

  /// The digest of files whose own digests are known. A file with weights stands behind that of their events, on its line.
  static func hexDigest(of processes: [[EventFile]]) -> String {
    let lines = processes.map { files in
      files.map { $0.digest + ($0.weights.map { " " + $0.digest } ?? "") }.joined(separator: "\n")
    }
    return prefix + SHA256.hexDigest(of: Array(lines.joined(separator: "\n\n").utf8).span)
  }
}

extension EventFile {
  /// Digests the file, and that with its weights.
  func digested() throws(DataError) -> EventFile {
    var file = self
    file.digest = try FileDigest.hexDigest(ofFile: path)
    if let weights { file.weights?.digest = try FileDigest.hexDigest(ofFile: weights.path) }
    return file
  }

  /// Whether the file at this path, and that with its weights, are the ones that were read, as far as size and time tell, else by
  /// their bytes.
  public func isUnchanged() throws(DataError) -> Bool {
    guard try isUnchanged(path, stamp, digest) else { return false }
    guard let weights else { return true }
    return try isUnchanged(weights.path, weights.stamp, weights.digest)
  }

  /// The first of the two that has changed. A file that is gone does not count as changed.
  public func firstChange() throws(DataError) -> String? {
    if FileSystem.exists(path), try !isUnchanged(path, stamp, digest) { return path }
    guard let weights, FileSystem.exists(weights.path) else { return nil }
    return try isUnchanged(weights.path, weights.stamp, weights.digest) ? nil : weights.path
  }

  /// Refuses files that were written to since they were opened.
  func requireUnchanged() throws(DataError) {
    try stamp.requireUnchanged(path)
    if let weights { try weights.stamp.requireUnchanged(weights.path) }
  }

  private func isUnchanged(_ path: String, _ stamp: FileStamp, _ digest: String) throws(DataError) -> Bool {
    let now = try stampNow(path)
    if now == stamp { return true }
    guard now.size == stamp.size else { return false }
    return try FileDigest.hexDigest(ofFile: path) == digest
  }
}

extension FileStamp {
  /// Refuses the file at `path` if it was written to since it had this stamp.
  func requireUnchanged(_ path: String) throws(DataError) {
    let now = try stampNow(path)
    guard (now.size, now.modified) == (size, modified) else { throw .changed(path) }
  }
}

extension DataError {
  /// Something wrote to a file while it was read.
  static func changed(_ path: String) -> DataError {
    DataError(
      .badData, file: path, what: "changed while it was read", advice: "let nothing write to it and run again")
  }
}

private func stampNow(_ path: String) throws(DataError) -> FileStamp {
  do throws(FileError) { return try OpenFile(path, .read).stamp() } catch { throw DataError(error) }
}
