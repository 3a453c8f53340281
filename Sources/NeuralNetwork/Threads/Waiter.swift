import CProcessor
import Dispatch
import Machine
import Synchronization

/// Lets one thread wait for others: first polling, since waking a thread costs about 50 µs, then asleep.
final class Waiter: Sendable {
  private let isAsleep = Atomic(false)
  private let semaphore = DispatchSemaphore(value: 0)

  /// Nanoseconds that a thread polls without yielding: longer than the serial part of a step.
  private static let alert: UInt64 = 10_000
  /// Nanoseconds after which it sleeps. Until then it yields its CPU to other threads.
  private static let awake: UInt64 = 150_000
  /// The number of polls between two readings of the clock.
  private static let looks = 16

  /// Returns once `condition` holds. One thread at a time.
  ///
  /// `condition` has to load with sequential consistency, and who makes it true has to store with it before ``wake()``:
  /// of the two pairs "I sleep, is it true?" and "it is true, do you sleep?", at least one then sees the other's store.
  func wait(until condition: () -> Bool) {
    var start: UInt64?
    while !condition() {
      for _ in 0..<Self.looks {
        if condition() { return }
        shim_pause()
      }
      let now = monotonicNanoseconds()
      let waited = now &- (start ?? now)
      start = start ?? now
      if waited > Self.awake {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        // Who finds the flag set clears it and signals, exactly once; so a signal is on its way if it is gone.
        let isNeedless = condition() && isAsleep.exchange(false, ordering: .sequentiallyConsistent)
        if !isNeedless { semaphore.wait() }
        start = nil
      } else if waited > Self.alert {
        sched_yield()
      }
    }
  }

  /// Wakes the thread if it sleeps; it may have slept for something else, and looks again.
  func wake() {
    if isAsleep.load(ordering: .sequentiallyConsistent), isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
      semaphore.signal()
    }
  }
}
