import Machine
import Training

/// What a run prints for the people who watch it: lines on standard output and in log.txt, and on a terminal a progress bar.
///
/// Only rank 0 prints; on the others every call does nothing.
package final class Console {
  /// Whether a progress bar is wanted.
  package enum Progress: String, CaseIterable, Sendable { case auto, on, off }

  private let speaks: Bool
  private let drawsProgress: Bool
  /// What log.txt will contain.
  package private(set) var log = ""
  private var barIsDrawn = false
  private var lastDraw = ContinuousClock.now

  package init(speaks: Bool, progress: Progress) {
    self.speaks = speaks
    drawsProgress = speaks && (progress == .on || progress == .auto && Self.isTerminal)
  }

  /// Prints one line.
  package func print(_ line: String = "") {
    guard speaks else { return }
    erase()
    log += line + "\n"
    StandardStream.output.write(line + "\n")
  }

  /// Prints a line on standard error: something that may be wrong.
  package func warn(_ line: String) {
    guard speaks else { return }
    erase()
    log += "warning: " + line + "\n"
    StandardStream.error.write("dist-train: warning: " + line + "\n")
  }

  /// Puts the log of the run's earlier starts before this one's.
  func continueLog(_ text: String) { log = text + log }

  /// Draws the bar at most ten times a second.
  func progress(_ position: TrainingPosition, cost: Double, _ clock: RunClock) {
    progress(
      "epoch \(position.epoch + 1)/\(clock.epochs)", clock.fraction(position),
      "cost \(decimals(cost, 4))  ETA \(duration(clock.secondsLeft(position)))")
  }

  /// The same of any work: what it is, which part of it is done, from 0 to 1, and what else there is to say.
  func progress(_ what: @autoclosure () -> String, _ fraction: Double, _ rest: @autoclosure () -> String) {
    guard drawsProgress else { return }
    let now = ContinuousClock.now
    guard now - lastDraw > .milliseconds(100) else { return }
    lastDraw = now
    let width = 30
    let filled = Int(min(1, max(0, fraction)) * Double(width))
    let bar = String(repeating: "━", count: filled) + String(repeating: "╌", count: width - filled)
    StandardStream.output.write("\r\u{1B}[K\(what()) \(bar) \(Int(fraction * 100)) %  \(rest())")
    barIsDrawn = true
  }

  private func erase() {
    if barIsDrawn { StandardStream.output.write("\r\u{1B}[K") }
    barIsDrawn = false
  }

  /// Whether standard output is a terminal that a user sees. Open MPI gives every rank its own pseudo-terminal, so there the
  /// question goes to the parent process, the one that the user started.
  private static var isTerminal: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    guard ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"].contains(where: { environmentVariable($0) != nil }) else { return true }
    let target = FileSystem.target(ofLink: "/proc/\(getppid())/fd/1")
    return target.map { $0.hasPrefix("/dev/pts/") || $0.hasPrefix("/dev/tty") } ?? false
  }
}
