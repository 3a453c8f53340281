import Synchronization

/// Why this process was asked to stop early and cleanly.
///
/// The request concerns one process; a training passes it to all ranks in the sums of its next step. The first request counts.
public enum StopRequest: UInt8, Sendable {
  /// SIGUSR1: what batch systems are asked to send some minutes before the time is up.
  case userSignal = 1
  /// SIGTERM: what batch systems send when a job has to end.
  case termination
  /// SIGINT: the user pressed control-C.
  case interrupt
  /// The time limit on the command line has passed.
  case timeIsUp
  /// SIGHUP: the terminal was closed, or the connection to it was lost.
  case hangUp

  /// The first request, 0 for none. Signal handlers write it, so it is a plain number that needs no lock.
  private static let first = Atomic<UInt8>(0)

  /// The request, if there is one.
  public static var current: StopRequest? { StopRequest(rawValue: first.load(ordering: .relaxed)) }

  /// Records a request.
  public static func note(_ request: StopRequest) {
    _ = first.compareExchange(expected: 0, desired: request.rawValue, ordering: .relaxed)
  }

  /// From now on SIGUSR1, SIGTERM, SIGINT and SIGHUP are requests and do not kill the process; a second SIGINT does. If SIGHUP was
  /// ignored from the start, as under `nohup`, it stays ignored.
  ///
  /// The corresponding C functions are `signal`, whose handlers interrupt no system call, and `pthread_sigmask`.
  public static func listen() {
    _ = current  // Makes the variable now, which a signal handler must not.
    signal(SIGUSR1) { _ in StopRequest.note(.userSignal) }
    signal(SIGTERM) { _ in StopRequest.note(.termination) }
    signal(SIGINT) { _ in
      StopRequest.note(.interrupt)
      signal(SIGINT, SIG_DFL)
    }
    // The former handler is an address, and 1 stands for SIG_IGN.
    let former = unsafe unsafeBitCast(signal(SIGHUP, SIG_IGN), to: Int.self)
    if former != 1 { signal(SIGHUP) { _ in StopRequest.note(.hangUp) } }
    // Whoever started the process may have left them blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGUSR1, SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// From now on SIGTERM and SIGINT end the process as they do any other; SIGUSR1 and SIGHUP do nothing, as they ask for what
  /// is about to happen anyway.
  public static func stopListening() {
    signal(SIGUSR1, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    signal(SIGTERM, SIG_DFL)
    signal(SIGINT, SIG_DFL)
  }
}

extension StopRequest: CustomStringConvertible {
  public var description: String {
    switch self {
    case .userSignal: "SIGUSR1"
    case .termination: "SIGTERM"
    case .interrupt: "SIGINT"
    case .timeIsUp: "the time limit"
    case .hangUp: "SIGHUP"
    }
  }
}
