/// Seconds since a moment.
public func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

/// Waits; a signal may end that early. The corresponding C function is `usleep`.
public func sleep(milliseconds: UInt32) { sleep(microseconds: 1000 * milliseconds) }

/// The same for less than a second.
public func sleep(microseconds: UInt32) { usleep(microseconds) }

/// Nanoseconds of a clock that never goes back. The corresponding C function is `clock_gettime` with `CLOCK_MONOTONIC`.
public func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)  // Fills the struct during the call.
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// Seconds since the start of the machine, time in which it slept included. The corresponding C function is `clock_gettime`
/// with `CLOCK_BOOTTIME`.
public func secondsSinceBoot() -> Int {
  var time = timespec()
  // Fills in `time` and keeps no pointer to it.
  #if os(Linux)
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
  #else
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  #endif
  return Int(time.tv_sec)
}
