internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What a run tells the people who watch it: lines on standard output and in log.txt, and on a terminal a progress bar.
///
/// Only rank 0 speaks; on the others every call does nothing.
final class Console {
  /// Whether a progress bar is wanted.
  enum Progress: String, CaseIterable, Sendable { case auto, on, off }

  private let speaks: Bool
  private let drawsProgress: Bool
  /// What log.txt is to hold.
  private(set) var log = ""
  private var barIsDrawn = false
  private var lastDraw = ContinuousClock.now

  init(speaks: Bool, progress: Progress) {
    self.speaks = speaks
    drawsProgress = speaks && (progress == .on || progress == .auto && Self.isTerminal)
  }

  /// Tells one line.
  func tell(_ line: String = "") {
    guard speaks else { return }
    erase()
    log += line + "\n"
    write(line + "\n", to: STDOUT_FILENO)
  }

  /// Tells a line on standard error: something that may be wrong.
  func warn(_ line: String) {
    guard speaks else { return }
    erase()
    log += "warning: " + line + "\n"
    write("dist-train: warning: " + line + "\n", to: STDERR_FILENO)
  }

  /// Goes on with the log of an earlier life of the run.
  func continueLog(_ text: String) { log = text + log }

  /// Draws the bar at most ten times a second.
  func progress(epoch: Int, of epochs: Int, fraction: Double, cost: Double, secondsLeft: () -> Double) {
    guard drawsProgress else { return }
    let now = ContinuousClock.now
    guard now - lastDraw > .milliseconds(100) else { return }
    lastDraw = now
    let width = 30
    let filled = Int(fraction * Double(width))
    let bar = String(repeating: "━", count: filled) + String(repeating: "╌", count: width - filled)
    write(
      "\r\u{1B}[Kepoch \(epoch)/\(epochs) \(bar) \(Int(fraction * 100)) %  cost \(decimals(cost, 4))  "
        + "ETA \(duration(secondsLeft()))", to: STDOUT_FILENO)
    barIsDrawn = true
  }

  private func erase() {
    if barIsDrawn { write("\r\u{1B}[K", to: STDOUT_FILENO) }
    barIsDrawn = false
  }

  /// Whether a person looks at standard output. Open MPI gives every rank a terminal of its own, so under it the question
  /// goes to the parent process, the one that the user started.
  private static var isTerminal: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    let environment = ProcessInfo.processInfo.environment
    guard environment["OMPI_COMM_WORLD_SIZE"] != nil || environment["PMIX_RANK"] != nil else { return true }
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1")
    return target.map { $0.hasPrefix("/dev/pts/") || $0.hasPrefix("/dev/tty") } ?? false
  }
}

/// Writes all of `text`; a reader that went away is not our problem.
func write(_ text: String, to descriptor: Int32) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written > 0 else { return }
    bytes = bytes.dropFirst(written)
  }
}

/// `value` with so many digits behind the point; plain scientific notation where that would hide it.
func decimals(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  guard value.magnitude < 1e9 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let units = (value.magnitude * scale).rounded()
  let whole = "\(Int(units / scale))"
  let fraction = "\(Int(units.truncatingRemainder(dividingBy: scale)))"
  let sign = value < 0 && units > 0 ? "-" : ""
  return sign + whole + (digits > 0 ? "." + String(repeating: "0", count: digits - fraction.count) + fraction : "")
}

/// Seconds as a person would say them.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "?" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole / 60 % 60) min"
}

/// A number with commas between thousands.
func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var groups: [Substring] = []
  var rest = digits[...]
  while rest.count > 3 {
    groups.insert(rest.suffix(3), at: 0)
    rest = rest.dropLast(3)
  }
  groups.insert(rest, at: 0)
  return (number < 0 ? "-" : "") + groups.joined(separator: ",")
}

/// `text` on the left of a column of `width` characters.
func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

/// `text` on the right of a column of `width` characters.
func aligned(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
