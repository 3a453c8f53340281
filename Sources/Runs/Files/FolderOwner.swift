package import Machine

/// Which process writes in a run's folder: the one that came last.
///
/// A batch system that takes a node for dead starts its job again elsewhere, while the first one may still be at work. Nobody
/// waits for it, as there would be no end to that where it really is dead; it finds out before it writes the next time. Both
/// make the same bits, so nothing is lost.
package struct FolderOwner: Sendable {
  private let path: String
  private let name: String

  /// Writes `name`, which no other process has, into the file at `path`.
  package init(claiming path: String, as name: String) throws(FileError) {
    self.path = path
    self.name = name
    try AtomicFile.write(Array(name.utf8), to: path)
  }

  /// Whether this process still owns the folder; false if the file cannot be read.
  package var isStillOwner: Bool {
    do { return try successor() == nil } catch { return false }
  }

  /// The name of the process that has come since, nil if there is none.
  package func successor() throws(FileError) -> String? {
    let owner = String(decoding: try FileSystem.read(path), as: UTF8.self)
    return owner == name ? nil : owner
  }
}
