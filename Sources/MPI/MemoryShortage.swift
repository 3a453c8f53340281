import CMPI
import Machine

/// A host that has no room for memory that its ranks share.
///
/// MPI would allocate the memory, and the first store beyond the available space would kill the process (SIGBUS).
public struct MemoryShortage: Error, Equatable, Sendable, CustomStringConvertible {
  /// One line: who needs how much where, and what to do.
  public let description: String

  init(description: String) { self.description = description }

  /// The rule itself; nil if there is room.
  public init?(needed: Int, free: Int, folder: String, host: String, ranks: Int) {
    guard needed > free else { return nil }
    description =
      "\(host): \(ranks) ranks need \(Self.megabytes(needed)) of shared memory in \(folder), where "
      + "\(Self.megabytes(free)) are free; make room, name another folder with mpirun --mca "
      + "\(Self.variable) FOLDER, or start one rank per host with more --threads"
  }

  /// What this host lacks for `byteCount` bytes; nil if there is room, or if this cannot be determined.
  ///
  /// The corresponding C function is `statvfs`.
  init?(byteCount: Int, ranks: Int) {
    let folder = Self.folder
    var space = statvfs()
    // Fills in `space` and keeps no pointer.
    guard unsafe statvfs(folder, &space) == 0 else {
      guard folder != Self.usual else { return nil }  // Some systems have none.
      let reason = unsafe String(cString: strerror(errno))  // Valid until the next call, and copied.
      self.init(
        description: "\(hostName()): \(ranks) ranks cannot share memory in \(folder): \(reason); name another folder "
          + "with mpirun --mca \(Self.variable) FOLDER")
      return
    }
    let free = Double(space.f_bavail) * Double(space.f_frsize)  // Not all file systems keep it below 2⁶³.
    self.init(
      needed: byteCount + Self.reserve, free: Int(min(free, 0x1p62)), folder: folder, host: hostName(), ranks: ranks)
  }

  /// Open MPI's parameter for the folder, and its default.
  private static let variable = "osc_sm_backing_directory"
  private static let usual = "/dev/shm"
  /// Reserve for MPI itself and for others that use the folder.
  private static let reserve = 1 << 20

  /// Where MPI puts memory that ranks share, wherever the user has set that.
  ///
  /// The corresponding C functions are `MPI_T_init_thread`, `MPI_T_cvar_get_index`, `MPI_T_cvar_handle_alloc`,
  /// `MPI_T_cvar_read` and `MPI_T_finalize`.
  private static var folder: String {
    var (provided, index, count) = (Int32(0), Int32(0), Int32(0))
    // Each call fills in variables and keeps no pointer to them; one that fails leaves the default.
    guard unsafe MPI_T_init_thread(Int32(MPI_THREAD_FUNNELED), &provided) == MPI_SUCCESS else { return usual }
    defer { _ = MPI_T_finalize() }
    var handle: MPI_T_cvar_handle?
    guard unsafe MPI_T_cvar_get_index(variable, &index) == MPI_SUCCESS,
      unsafe MPI_T_cvar_handle_alloc(index, nil, &handle, &count) == MPI_SUCCESS
    else { return usual }
    defer { _ = unsafe MPI_T_cvar_handle_free(&handle) }
    var text = [UInt8](repeating: 0, count: Int(count) + 1)
    guard unsafe MPI_T_cvar_read(handle, &text) == MPI_SUCCESS else { return usual }
    let path = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    return path.isEmpty ? usual : path
  }

  private static func megabytes(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
}
