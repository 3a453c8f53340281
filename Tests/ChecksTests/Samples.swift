import Checks
import Events
import Numerics

/// Numbers as collisions have them, the same in every test.
struct Numbers {
  private let random: CounterRandom
  init(_ stream: Int) { random = CounterRandom(seed: 7, stream: UInt64(stream)) }

  func uniform(_ count: Int, _ range: ClosedRange<Float> = 0...1) -> [Float] {
    (0..<count).map { range.lowerBound + (range.upperBound - range.lowerBound) * Float(random.uniform(UInt64($0))) }
  }

  /// About normal, of mean 0 and standard deviation 1.
  func normal(_ count: Int) -> [Float] {
    (0..<count).map { event in (0..<12).reduce(Float(-6)) { $0 + Float(random.uniform(UInt64(12 * event + $1))) } }
  }

  /// A product of two uniform numbers, with a tail.
  func falling(_ count: Int) -> [Float] {
    (0..<count).map { 25 / Float(0.02 + random.uniform(UInt64(2 * $0)) * random.uniform(UInt64(2 * $0 + 1))) }
  }
}

/// What a survey knows of a process whose events have these columns.
func process(
  _ name: String, class index: Int?, use: ProcessUse = .train, _ columns: [[Float]], files: Int = 1,
  uses: (Int) -> EventUse = { $0 % 5 == 4 ? .test : $0 % 5 == 3 ? .validation : .training }, weights: [Double] = [],
  classes: Int = 2
) -> EventSurvey.Process {
  let events = columns[0].count
  let file = { (event: Int) in event * files / events }
  let values = (0..<events).flatMap { event in columns.map { $0[event] } }
  let all = (0..<events).map(uses)
  var counts = EventCounts()
  for use in all { counts[use] += 1 }
  let trained = zip(weights, all).filter { $1 == .training }.map { $0.0.magnitude }
  let totals = (0..<classes).map { label in
    label == index
      ? EventSurvey.Totals(
        counts: counts, absolute: trained.reduce(0, +), squares: trained.reduce(0) { $0 + $1 * $1 })
      : EventSurvey.Totals()
  }
  return EventSurvey.Process(
    name: name, classIndex: index, use: use, events: events, eventsRead: events,
    files: (0..<files).map { number in
      EventSurvey.File(
        path: files == 1 ? "\(name).npy" : "\(name)_\(number).npy",
        columns: columns.map { column in ColumnRange((0..<events).filter { file($0) == number }.map { column[$0] }) })
    },
    sample: EventSurvey.Sample(values: values, files: (0..<events).map(file), uses: all, weights: weights),
    totals: totals,
    hashes: (0..<events).map { event in
      columns.reduce(UInt64(1)) { CounterRandom(key: $0).word(UInt64($1[event].bitPattern)) }
    }, uses: all, weights: weights.isEmpty ? nil : WeightRange(weights))
}

/// The codes of what is found in two processes, signal and bkg, whose features these are.
func codes(_ features: [String], _ signal: [[Float]], _ bkg: [[Float]]) -> [String] {
  codes(features, [process("signal", class: 0, signal), process("bkg", class: 1, bkg)])
}

func codes(_ features: [String], _ processes: [EventSurvey.Process], isDividedByChance: Bool = true) -> [String] {
  findings(features, processes, isDividedByChance: isDividedByChance).map(\.code)
}

func findings(_ features: [String], _ processes: [EventSurvey.Process], isDividedByChance: Bool = true) -> [Finding] {
  EventCheck.findings(
    in: EventSurvey(
      features: features, classes: ["signal", "bkg"], processes: processes, isDividedByChance: isDividedByChance))
}
