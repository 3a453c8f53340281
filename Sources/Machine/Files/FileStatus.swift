/// What the system says about a file: its kind, its identity, who owns it and who may use it.
public struct FileStatus: Equatable, Sendable {
  public enum Kind: Equatable, Sendable { case regular, directory, pipe, socket, characterDevice, blockDevice, other }

  public let kind: Kind
  /// The access bits: `rwx` for the owner, the group and others, set-user-ID, set-group-ID and sticky.
  let permissions: mode_t
  let owner: uid_t
  let group: gid_t
  private let identity: FileIdentity

  /// The file at `path`; symbolic links are followed. nil if there is none. The corresponding C function is `stat`.
  public init?(_ path: String) {
    var status = stat()
    // The call fills in `status` and keeps no pointer to it.
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// What a descriptor of this process is open on; nil if it is closed. The corresponding C function is `fstat`.
  init?(descriptor: Int32) {
    var status = stat()
    // The call fills in `status` and keeps no pointer to it.
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      default: .other
      }
    permissions = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    identity = FileIdentity(status)
  }

  /// Whether both are one file, whatever paths, hard links or symbolic links led there.
  public func isSameFile(as other: FileStatus) -> Bool { identity == other.identity }
}
