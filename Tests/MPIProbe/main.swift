import Machine
import MPI

// Calls every collective and checks what comes back; the tests start it under mpirun on several ranks.
//
//     mpi-probe              prints "probe: N ranks agree" from rank 0
//     mpi-probe abort RANK MARK
//                            that rank ends all with code 42; MARK lets the tests recognise the processes
//     mpi-probe throw RANK   that rank leaves by an error while the others wait for it
//     mpi-probe refused      an error that MPI finds comes back as MPIError; prints it from rank 0
//     mpi-probe share COUNT  that many bytes in shared memory; prints from rank 0 why there is no room
//     mpi-probe alone        a rank leaves by an error while the others wait, all with shared memory
//     mpi-probe late         a rank leaves by an error while the others wait for its numbers in shared memory
//     mpi-probe asleep       every rank sleeps until the last one has come
//     mpi-probe time COUNT   median µs of summing so many doubles by RankSum and by MPI_Allreduce, in turn, from rank 0
//     mpi-probe place        prints the plan and the warnings from rank 0
//     mpi-probe stuck RANK   that rank is stopped while the others wait for its numbers; the watchdog waits 2 s
//     mpi-probe signal NAME …
//                            sends itself these signals and prints the wish that came of it
//     mpi-probe patience S   prints the wish that comes when the program has run for so many seconds

func require(_ condition: Bool, _ what: String, _ rank: Int) {
  guard !condition else { return }
  print("probe: rank \(rank): \(what)")
  exit(1)
}

func probe(_ world: borrowing Communicator) throws {
  let (rank, size) = (world.rank, world.size)
  for count in [0, 1, 7, 1000] {
    // Integers: exact in any order.
    var values = (0..<count).map { Double($0 * (rank + 1)) }
    var span = values.mutableSpan
    try world.sumInPlace(&span)
    let factor = size * (size + 1) / 2
    require(values == (0..<count).map { Double($0 * factor) }, "sum of \(count)", rank)
    for root in 0..<size {
      var sent = rank == root ? (0..<count).map { Float($0 + root) } : [Float(-1), -2]
      try world.broadcast(&sent, from: root)
      require(sent == (0..<count).map { Float($0 + root) }, "broadcast of \(count) from \(root)", rank)
    }
    let gathered = try world.allGather([UInt8](repeating: UInt8(rank), count: count * rank % 50))
    require(gathered.count == size, "gathered from all", rank)
    for (sender, bytes) in gathered.enumerated() {
      require(bytes == [UInt8](repeating: UInt8(sender), count: count * sender % 50), "gathered from \(sender)", rank)
    }
    let onRoot = try world.gatherToRoot([UInt8](repeating: UInt8(rank), count: count * (size - rank) % 50))
    require(onRoot.count == (rank == 0 ? size : 0), "gathered on rank 0 alone", rank)
    for (sender, bytes) in onRoot.enumerated() {
      require(
        bytes == [UInt8](repeating: UInt8(sender), count: count * (size - sender) % 50), "gathered on rank 0", rank)
    }
  }
  try world.barrier()
}

/// Memory that the ranks of a host share, as if a host had so many ranks; nil for what it has.
func probeSharing(_ world: borrowing Communicator, ranksPerHost: Int?) throws {
  for count in [0, 1, 7, 1000, 100_000] {
    // A value that tells the sharing from the one before it, whose memory may be taken again.
    let first = Float(count + (ranksPerHost ?? 0))
    var fills = 0
    let memory = try world.share(byteCount: 4 * count, ranksPerHost: ranksPerHost) { contents in
      fills += 1
      contents.withMutableSpan(of: Float.self, at: 0, count: count) { numbers in
        for index in numbers.indices { numbers[index] = first + Float(index) }
      }
    }
    require(fills == (world.isRoot ? 1 : 0), "only the root fills", world.rank)
    let isRight = memory.withSpan(of: Float.self, at: 0, count: count) { numbers in
      memory.byteCount == 4 * count && numbers.indices.allSatisfy { numbers[$0] == first + Float($0) }
    }
    require(isRight, "sharing of \(count) by \(ranksPerHost ?? world.size)", world.rank)
  }
}

func fillWithOnes(_ contents: inout SharedMemory.Contents) {
  contents.withMutableSpan(of: UInt8.self, at: 0, count: contents.byteCount) { bytes in
    for index in bytes.indices { bytes[index] = 1 }
  }
}

/// Sums again and again, as if a host had so many ranks; nil for what it has.
func probeRankSum(_ world: borrowing Communicator, ranksPerHost: Int?) throws {
  let (rank, size) = (world.rank, world.size)
  let most = RankSum.pieceBytes / 8 * 2 + 100
  for capacity in [0, 1, 1000, most] {
    var sum = try world.makeSum(byteCount: capacity * 8, ranksPerHost: ranksPerHost)
    // Longer and shorter ones in turn: no sum may meet what another has left.
    for count in [capacity, capacity / 3, min(capacity, 17), capacity, capacity - capacity / 5] {
      for round in 0..<3 {
        // Integers: exact in any order, and as float32.
        var doubles = (0..<count).map { Double(($0 & 0xFFF) * (rank + 1) + round) }
        let expected = (0..<count).map { Double(($0 & 0xFFF) * (size * (size + 1) / 2) + round * size) }
        var floats = doubles.map { Float($0) }
        if (rank + round) % size == 0 { usleep(200) }  // Ranks come late in turn.
        var span = doubles.mutableSpan
        try sum.sumInPlace(&span, world)
        require(doubles == expected, "sum \(round) of \(count) by \(ranksPerHost ?? size)", rank)
        var floatSpan = floats.mutableSpan
        try sum.sumInPlace(&floatSpan, world)
        require(floats == expected.map { Float($0) }, "float sum \(round) of \(count)", rank)
      }
    }
    // Every rank gets the same bits.
    var parts = (0..<capacity).map { 1 / Double($0 + rank + 1) }
    var span = parts.mutableSpan
    try sum.sumInPlace(&span, world)
    let all = try world.allGather(unsafe parts.withUnsafeBytes { unsafe Array($0) })  // Copied at once.
    require(all.allSatisfy { $0 == all[0] }, "the same bits of \(capacity)", rank)
  }
}

/// Median µs of `RankSum` and of `MPI_Allreduce`, in turn.
func time(count: Int, _ world: borrowing Communicator) throws -> (rankSum: Double, mpi: Double) {
  var sum = try world.makeSum(byteCount: count * 8)
  var values = [Double](repeating: 1, count: count)
  var times: [[Double]] = [[], []]
  for round in 0..<max(20, min(4000, 40_000_000 / (count + 10_000))) {
    for way in [0, 1] {
      for index in values.indices { values[index] = 1 }
      try world.barrier()
      let start = ContinuousClock.now
      var span = values.mutableSpan
      if way == 0 { try sum.sumInPlace(&span, world) } else { try world.sumInPlace(&span) }
      let time = ContinuousClock.now - start
      if round > 2 { times[way].append(time / .microseconds(1)) }
      require(values.allSatisfy { $0 == Double(world.size) }, "sum of ones", world.rank)
    }
  }
  let medians = times.map { $0.sorted()[$0.count / 2] }
  return (medians[0], medians[1])
}

func probeSplits(_ world: borrowing Communicator) throws {
  let host = try world.splitByHost()
  require(host.size == world.size && host.rank == world.rank, "all ranks are on this host", world.rank)
  let parity = try world.split(color: world.rank % 2)
  require(parity.rank == world.rank / 2, "ranks of a color keep their order", world.rank)
  require(parity.size == (world.size + 1 - world.rank % 2) / 2, "ranks of a color are together", world.rank)
}

/// Ranks that sleep for one that comes a second late.
struct Nap: Codable {
  /// When this rank came, and when it went on: by the clock of the host, which all ranks share.
  var came: UInt64
  var left: UInt64
}

/// Every rank waits until the last one has come, and uses little of its CPU meanwhile.
func probeSleep(_ world: borrowing Communicator) throws {
  for late in Set([0, world.size / 2, world.size - 1]).sorted() {
    try world.barrier()
    if world.rank == late { sleep(milliseconds: 1000) }
    let (came, busy) = (monotonicNanoseconds(), cpuNanoseconds())
    try world.barrierAsleep()
    let left = monotonicNanoseconds()
    let (waited, used) = (left - came, cpuNanoseconds() - busy)
    let naps = try world.gather(Nap(came: came, left: left))
    let last = naps.map(\.came).max() ?? 0
    require(naps.allSatisfy { $0.left >= last }, "a rank went on before rank \(late) had come: \(naps)", world.rank)
    // On a machine that is busy, or is slowed down by a sanitizer, another rank may be the last one.
    guard waited > 500_000_000 else { continue }
    require(used < waited / 2, "\(used) ns of CPU while it waited for \(waited) ns", world.rank)
  }
}

/// What all threads of this process have used.
func cpuNanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)  // Fills the struct during the call.
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

struct Failure: Error {}

/// All of it, between start and end of MPI.
func run(_ arguments: [String]) throws {
  let session = try MPISession.start()
  if arguments.count == 4, arguments[1] == "abort" {
    if session.world.rank == Int(arguments[2]) { session.world.abort(code: 42) }
    try session.world.barrier()  // The others wait here until they are ended.
    exit(1)
  }
  if arguments.count == 3, arguments[1] == "throw" {
    if session.world.rank == Int(arguments[2]) { throw Failure() }
    try session.world.barrier()
    exit(1)
  }
  if arguments.count == 3, arguments[1] == "share" {
    do {
      _ = try session.world.share(byteCount: Int(arguments[2]) ?? 0) { fillWithOnes(&$0) }
    } catch let shortage as MemoryShortage {
      if session.world.isRoot { print("probe: \(shortage)") }
    }
    return try session.finish()
  }
  if arguments.count == 2, arguments[1] == "alone" {
    let memory = try session.world.share(byteCount: 1000) { fillWithOnes(&$0) }
    if session.world.rank == memory.byteCount % session.world.size { throw Failure() }
    try session.world.barrier()
    exit(1)
  }
  if arguments.count == 2, arguments[1] == "late" {
    var sum = try session.world.makeSum(byteCount: 8000)
    var values = [Double](repeating: 1, count: 1000)
    var span = values.mutableSpan
    try sum.sumInPlace(&span, session.world)
    if values[0] == Double(session.world.size), session.world.rank == 1 { throw Failure() }
    var again = values.mutableSpan
    try sum.sumInPlace(&again, session.world)
    exit(1)
  }
  if arguments.count == 2, arguments[1] == "refused" {
    var values = [1.5]
    do {
      try session.world.broadcast(&values, from: session.world.size)
      require(false, "a root beyond the last rank was accepted", session.world.rank)
    } catch {
      if session.world.isRoot { print("probe: \(error)") }
    }
    return try session.finish()
  }
  if arguments.count == 2, arguments[1] == "asleep" {
    try probeSleep(session.world)
    if session.world.isRoot { print("probe: \(session.world.size) ranks slept") }
    return try session.finish()
  }
  if arguments.count == 3, arguments[1] == "time", let count = Int(arguments[2]) {
    let times = try time(count: count, session.world)
    if session.world.isRoot {
      print("probe: \(session.world.size) ranks, \(count) doubles: \(times.rankSum) µs, MPI_Allreduce \(times.mpi) µs")
    }
    return try session.finish()
  }
  if arguments.count == 2, arguments[1] == "place" {
    let plan = try Placement.gather(session.world, threads: nil)
    if session.world.isRoot { for line in [plan.line] + plan.warnings { print("probe: \(line)") } }
    return try session.finish()
  }
  if arguments.count == 3, arguments[1] == "stuck" {
    session.world.watchdog.setLimits(steps: 2, files: 2)
    session.world.watchdog.enter(.training)
    var sum = try session.world.makeSum(byteCount: 8000)
    var values = [Double](repeating: 1, count: 1000)
    if session.world.rank == Int(arguments[2]) { kill(getpid(), SIGSTOP) }
    var span = values.mutableSpan
    try sum.sumInPlace(&span, session.world)
    exit(1)
  }
  if arguments.count > 2, arguments[1] == "signal" {
    StopRequest.listen()
    for name in arguments.dropFirst(2) {
      kill(getpid(), ["USR1": SIGUSR1, "TERM": SIGTERM, "INT": SIGINT, "HUP": SIGHUP][name] ?? 0)
    }
    print("probe: \(StopRequest.current.map { "\($0)" } ?? "no wish")")
    return try session.finish()
  }
  if arguments.count == 3, arguments[1] == "patience" {
    session.world.watchdog.stopAfter(seconds: Int(arguments[2]) ?? 0)
    for _ in 0..<200 where StopRequest.current == nil { usleep(100_000) }
    print("probe: \(StopRequest.current.map { "\($0)" } ?? "no wish")")
    return try session.finish()
  }
  try probe(session.world)
  // The same in pieces, as counts beyond 32 bits are sent.
  for chunk in [1, 3] { try probe(session.world.duplicate(chunk: chunk)) }
  try probeSplits(session.world)
  let inPieces = try session.world.duplicate(chunk: 1000)
  for ranks in [nil, 1, 2] { try probeSharing(inPieces, ranksPerHost: ranks) }
  for ranks in [nil, 1, 2] { try probeRankSum(inPieces, ranksPerHost: ranks) }
  if session.world.isRoot { print("probe: \(session.world.size) ranks agree") }
  try session.finish()
}

do { try run(CommandLine.arguments) } catch {
  print("probe: \(error)")
  exit(1)
}
