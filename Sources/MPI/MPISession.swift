import CMPI
import Machine

/// Start and end of MPI. One per process.
///
/// Without a launcher (`mpirun`, or `srun` with several tasks) MPI is not started at all and ``world`` is one rank alone: the single-node mode.
///
/// A session that ends without ``finish()`` ends all ranks with exit code 70 (`MPI_Abort`): a Swift error on one rank never
/// leaves the others waiting.
public struct MPISession: ~Copyable {
  /// All ranks of the job.
  public let world: Communicator
  private var isRunning: Bool

  /// Starts MPI if a launcher started this process. Every process of the job calls it, once, from the main thread.
  ///
  /// Asks for `MPI_THREAD_FUNNELED` and checks that it is granted: Dispatch threads compute, the main thread communicates.
  /// `threads` is how many of them the user wants: with more threads than CPUs, a waiting rank must yield.
  /// The corresponding C functions are `MPI_Init_thread` and `MPI_Comm_set_errhandler`.
  public static func start(threads: Int? = nil) throws(MPIError) -> MPISession {
    let environment = LaunchEnvironment.current(threads: threads ?? 1)
    guard environment.hasLauncher else {
      if let reason = environment.refusal(ofWorld: 1) { throw MPIError(function: "MPI_Init_thread", reason: reason) }
      let watchdog = Watchdog()
      watchdog.start(rank: 0, hasLauncher: false)
      return MPISession(world: .solo(watchdog), isRunning: false)
    }
    for (name, value) in environment.defaults {
      unsafe setenv(name, value, 0)  // Copies both strings; no other thread runs yet.
    }
    // Before MPI, which may be what hangs.
    let watchdog = Watchdog()
    watchdog.start(rank: environment.rank ?? 0, hasLauncher: true)
    var provided: Int32 = 0
    try check("MPI_Init_thread", unsafe MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided))
    let world = try unsafe Communicator(shim_comm_world(), watchdog: watchdog)
    guard provided >= Int32(MPI_THREAD_FUNNELED) else {
      throw MPIError(
        function: "MPI_Init_thread",
        reason:
          "this MPI does not allow threads beside the main one (level \(provided)); load one built with thread support")
    }
    if let reason = environment.refusal(ofWorld: world.size) {
      throw MPIError(function: "MPI_Init_thread", reason: reason)
    }
    return MPISession(world: world, isRunning: true)
  }

  /// A session of this process alone, whoever started it: for work that needs one process. nil on the other ranks of a launcher,
  /// which have nothing to do.
  public static func alone() -> MPISession? {
    let environment = LaunchEnvironment.current(threads: 1)
    guard !environment.hasLauncher || environment.rank ?? 0 == 0 else { return nil }
    let watchdog = Watchdog()
    watchdog.start(rank: 0, hasLauncher: environment.hasLauncher)
    return MPISession(world: .solo(watchdog), isRunning: false)
  }

  /// The MPI that the program runs with: "Open MPI v4.1.4". The corresponding C function is `MPI_Get_library_version`.
  public static var library: String {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING))
    var length: Int32 = 0
    guard unsafe MPI_Get_library_version(&text, &length) == MPI_SUCCESS else { return "MPI" }
    let bytes = text.prefix(max(0, min(Int(length), text.count))).map { UInt8(bitPattern: $0) }
    // What follows the first comma or line describes the build.
    return String(String(decoding: bytes, as: UTF8.self).prefix { $0 != "," && $0 != "\n" && $0 != "\0" })
  }

  /// Ends MPI and frees the memory that ranks shared.
  /// - Collective: every rank of the job calls it, and none uses such memory any more.
  ///
  /// The corresponding C functions are `MPI_Win_free` and `MPI_Finalize`.
  public consuming func finish() throws(MPIError) {
    guard isRunning else { return }
    world.watchdog.enter(.ending)
    try world.windows.free()
    isRunning = false
    try check("MPI_Finalize", MPI_Finalize())
  }

  deinit {
    // Left by an error that nobody caught. The other ranks may wait for this one, and MPI_Finalize would wait for them.
    if isRunning { world.abort(code: ExitCode.internalError.rawValue) }
  }

  private init(world: consuming Communicator, isRunning: Bool) {
    self.world = world
    self.isRunning = isRunning
  }
}
