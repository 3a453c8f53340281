import Machine
import Synchronization

// Lends CPUs to itself and checks what becomes of it, on the main thread of a process that is bound to one CPU; the tests start it
// under taskset.
//
//     machine-probe CPU…     the CPUs of the host that may be lent, two or more, its own first; prints "probe: it holds"

func require(_ condition: Bool, _ what: @autoclosure () -> String) {
  guard !condition else { return }
  print("probe: \(what())")
  exit(1)
}

/// What no thread computes like another if it takes the wrong number.
@Sendable func value(_ index: Int) -> UInt64 { UInt64(index) &* 0x9E37_79B9_7F4A_7C15 }

func serial(_ count: Int) -> [UInt64] { (0..<count).map(value) }

/// Whether `count` calls are under way at once: each waits for the others, for so long at most.
func run(together count: Int, milliseconds: UInt64 = 10_000) -> Bool {
  let came = Atomic(0)
  let start = monotonicNanoseconds()
  let saw = concurrentMap(count) { _ in
    came.add(1, ordering: .relaxed)
    while came.load(ordering: .relaxed) < count {
      if monotonicNanoseconds() - start > milliseconds * 1_000_000 { return false }
      sleep(microseconds: 100)
    }
    return true
  }
  return !saw.contains(false)
}

/// Whether no more than `count` calls are under way at once.
func run(noMoreThan count: Int) -> Bool { !run(together: count + 1, milliseconds: 200) }

/// The results are those of one thread, also of calls within calls and of calls beside them.
func requireSameResults(_ what: String) {
  for count in [0, 1, 2, 3, 1000] {
    require(concurrentMap(count, value) == serial(count), "\(what): \(count) results are others")
  }
  let nested = concurrentMap(20) { outer in
    concurrentMap(50) { value(50 * outer + $0) }
  }
  require(nested.flatMap { $0 } == serial(1000), "\(what): nested results are others")
  let sum = Atomic<UInt64>(0)
  concurrently(100) { outer in
    concurrently(10) { sum.wrappingAdd(value(10 * outer + $0), ordering: .relaxed) }
  }
  require(sum.load(ordering: .relaxed) == serial(1000).reduce(0, &+), "\(what): a number was left out or taken twice")
}

struct Failure: Error {}

let cpus = CommandLine.arguments.dropFirst().compactMap { Int($0) }
require(cpus.count > 1, "give two CPUs or more")
let own = [cpus[0]]
func requireRestored(_ what: String) {
  require(ProcessorAffinity.cpus() == own, "\(what): bound to \(ProcessorAffinity.cpus()) instead of \(own)")
  require(run(noMoreThan: 1), "\(what): there are two threads")
}
requireRestored("at the start")
requireSameResults("at the start")

// All of them, and no more threads than that.
let all = ProcessorSet(cpus: cpus, limit: cpus.count)
let answer = all.lend {
  require(ProcessorAffinity.cpus() == cpus.sorted(), "\(ProcessorAffinity.cpus()) were lent instead of \(cpus)")
  require(run(together: cpus.count), "not all CPUs that were lent are used")
  require(run(noMoreThan: cpus.count), "more threads than CPUs that were lent")
  requireSameResults("lent")
  // What is lent is not lent again.
  all.lend { requireSameResults("lent twice") }
  require(run(together: cpus.count), "the inner loan has ended the outer one")
  return 42
}
require(answer == 42, "the result got lost")
requireRestored("after a loan")

// Again and again, with threads that come and go.
for round in 0..<50 { require(all.lend { concurrentMap(7, value) } == serial(7), "round \(round)") }
requireRestored("after many loans")

do {
  try all.lend { () throws(Failure) in
    requireSameResults("before an error")
    throw Failure()
  }
  require(false, "an error got lost")
} catch { requireRestored("after an error") }

// The limit counts, whatever the CPUs are.
ProcessorSet(cpus: cpus, limit: 1).lend { requireRestored("with a limit of 1") }
ProcessorSet(cpus: cpus, limit: 2).lend {
  require(run(together: 2), "a limit of 2 does not let two threads run")
  require(run(noMoreThan: 2), "a limit of 2 lets three threads run")
}

// CPUs that this host has not.
let missing = [4000, 100_000, -1]
ProcessorSet(cpus: missing, limit: 4).lend { requireRestored("with CPUs that are not there") }
ProcessorSet(cpus: [], limit: 4).lend { requireRestored("with no CPUs") }
ProcessorSet(cpus: cpus + missing, limit: cpus.count + missing.count).lend {
  require(ProcessorAffinity.cpus() == cpus.sorted(), "CPUs that are not there disturb the others")
  require(run(together: cpus.count), "CPUs that are not there take the place of others")
  require(run(noMoreThan: cpus.count), "there are threads for CPUs that are not there")
}
requireRestored("at the end")
print("probe: it holds")
