import Synchronization

/// The temporary file that this process is writing, which is to go with it: signals that end the process delete it first.
///
/// The main thread may hang in a system call or in MPI then, so the handler does it, by `unlink` alone, which is allowed there.
public enum UnfinishedFile {
  /// The address of its path, which stays there for good, as a handler may still be reading it; 0: there is none.
  private static let path = Atomic<UInt>(0)

  /// From now on SIGINT, SIGTERM and SIGHUP delete the file at `path` before they end the process. A signal that is ignored, as SIGHUP
  /// under `nohup`, stays so.
  static func announce(_ path: String) {
    // Copies the string.
    unsafe Self.path.store(UInt(bitPattern: strdup(path)), ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let former = signal(number) { number in
        UnfinishedFile.remove()
        signal(number, SIG_DFL)
        kill(getpid(), number)
      }
      // The handler is an address, and 1 stands for SIG_IGN.
      if unsafe unsafeBitCast(former, to: Int.self) == 1 { signal(number, SIG_IGN) }
    }
  }

  /// The file has its name, or is deleted: the signals end the process at once again.
  static func forget() { path.store(0, ordering: .sequentiallyConsistent) }

  /// Deletes it, if there is one, for a process that ends without unwinding.
  public static func remove() {
    let address = path.load(ordering: .sequentiallyConsistent)
    // A valid string, see `path`.
    if let path = unsafe UnsafePointer<CChar>(bitPattern: address) { _ = unsafe unlink(path) }
  }
}
