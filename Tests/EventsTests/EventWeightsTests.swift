import Events
import Machine
import MPI
import Testing
import TestSupport

/// Weights, classes and uses, through files and loader. Bits of whole trainings are compared with numpy in Tests/oracle.
@Suite struct EventWeightsTests {
  private let folder: TemporaryFolder

  /// Three processes of which two are one class, one that is only evaluated, and data. Weights are magnitudes times `factor`.
  private func write(factor: Double = 1) throws {
    for (name, count, negative) in [("s", 40, 5), ("t1", 60, 3), ("t2", 30, 7), ("v", 20, 4), ("d", 10, 100)] {
      var text = "x,w,up,event,fold,kind\n"
      for event in 0..<count {
        let weight = (event % negative == 1 ? -1 : 1) * (0.25 + Double(event * 7 % 11) / 8) * factor
        text += "\(event),\(weight),\(2 * weight),\(event),\(event % 4),\(event % 3 == 0 ? "sig" : "0.5e1")\n"
      }
      try folder.write("\(name).csv", text)
    }
  }

  private static let classes = EventClasses(
    names: ["s", "t"],
    roles: [
      ProcessRole(className: "s", scale: 0.5), ProcessRole(className: "t"), ProcessRole(className: "t", scale: 3),
      ProcessRole(.evaluate, className: nil), ProcessRole(.data, className: nil),
    ])

  private func loader(
    _ weighting: Weighting = Weighting(columns: ["w"]), _ weights: ClassWeights = .balanced,
    split: Split = Split(train: 0.6, validation: 0.2, test: 0.2), change: (inout EventLoader) -> Void = { _ in }
  ) -> EventLoader {
    var loader = EventLoader(
      processes: ["s", "t1", "t2", "v", "d"].map { ProcessFiles(name: $0, files: ["\($0).csv"]) },
      directory: folder.path, request: EventRequest(layout: .eventsByRow, features: ["x"]), split: split, seed: 3,
      scaling: .given(.identity(features: 1)), classWeights: weights, classes: Self.classes, weighting: weighting)
    change(&loader)
    return loader
  }

  init() throws {
    folder = try TemporaryFolder()
    try write()
  }

  /// w of an event, with the scale of its process.
  private func weight(_ process: Int, _ event: Int) -> Float {
    if process == 4 { return 1 }
    let negative = [5, 3, 7, 4][process]
    let weight = (event % negative == 1 ? -1.0 : 1) * (0.25 + Double(event * 7 % 11) / 8)
    return Float(weight * [0.5, 1, 3, 1][process])
  }

  @Test(arguments: NegativeWeights.allCases, ProcessShare.allCases)
  func weightsAreThoseOfTheDefinition(_ negative: NegativeWeights, _ share: ProcessShare) throws {
    let store = try loader(Weighting(columns: ["w"], negative: negative, share: share)).load(.solo()).store
    let header = store.header
    #expect(header.usesWeights && header.weights.map(\.kind) == [.monitor, .nominal])
    #expect(header.trainsOnSigns == (negative == .keep) && !header.weighsEventsEqually && !header.isPlain)
    let unit = header.weights[1].unit
    func m(_ weight: Float) -> Double {
      switch negative {
      case .absolute: Double(weight.magnitude)
      case .keep: Double(weight)
      case .drop: max(0, Double(weight))
      }
    }
    // Every event once, with its weights; sums per process and class.
    var sums = [[Double]](repeating: [0, 0], count: 5)
    var monitor = 0.0
    var seen = Set<[Int]>()
    for (number, process) in header.processes.enumerated() {
      for use in EventUse.stored {
        for row in header.rows(ofProcess: number, use) {
          let event = Int(store.feature(0, ofRow: row))
          seen.insert([number, event])
          #expect(store.identity(ofRow: row) == UInt64(event))
          let w = weight(number, event)
          let nominal = store.withSpan(store.layout.weights(1)) { $0[row] }
          #expect(Double(nominal) * exp2(unit) == Double(w))
          let label = process.classIndex ?? 0
          #expect(store.label(ofRow: row) == label)
          #expect(store.weight(ofRow: row, .monitor) == nominal * process.factors[label])
          if use == .training {
            #expect(m(w) != 0)
            sums[number][label] += Double(store.weight(ofRow: row))
            monitor += Double(store.weight(ofRow: row, .monitor))
          }
          if use == .untrained { #expect(m(w) == 0 && negative == .drop) }
        }
      }
    }
    #expect(seen.count == 160)
    let training = Double(store.training.count)
    #expect(header.processes.map(\.counts.total) == [40, 60, 30, 20, 10])
    #expect(store.rows(.evaluation).count == 20 && store.rows(.data).count == 10 && store.rows(.data).upperBound == 160)
    #expect((store.rows(.untrained).count > 0) == (negative == .drop))
    // Balanced, and 1 on the mean.
    let byClass = (0..<2).map { index in sums.reduce(0) { $0 + $1[index] } }
    for sum in byClass { #expect(abs(sum / (training / 2) - 1) < 1e-6) }
    #expect(abs(store.meanWeight - byClass.reduce(0, +) / training) < 1e-14 * training)
    #expect(abs(store.meanMonitorWeight - monitor / training) < 1e-14 * training)
    for (number, process) in header.processes.enumerated() where process.use == .train {
      for index in 0..<2 { #expect(abs(process.trainingWeights[index] - sums[number][index]) < 1e-12 * training) }
    }
    // The shares of the two processes of class t.
    let (first, second) = (sums[1][1], sums[2][1])
    let counts = header.processes.map { Double($0.counts.training) }
    switch share {
    case .equal: #expect(abs(first / second - 1) < 1e-6)
    case .events: #expect(abs(first / second - counts[1] / counts[2]) < 1e-5)
    case .weight: #expect(header.processes[1].factors == header.processes[2].factors)
    }
  }

  @Test func aPowerOfTwoChangesNoBit() throws {
    func columns(_ loader: EventLoader) throws -> ([Float], Double, Double, [Float]) {
      let store = try loader.load(.solo()).store
      return (
        store.withSpan(store.layout.weights(0)) { span in span.indices.map { span[$0] } }, store.meanWeight,
        store.meanMonitorWeight, store.withSpan(store.layout.weights(1)) { span in span.indices.map { span[$0] } }
      )
    }
    for (negative, classWeights) in [(NegativeWeights.absolute, ClassWeights.balanced), (.keep, .none)] {
      let weighting = Weighting(columns: ["w"], negative: negative)
      let change = { (loader: inout EventLoader) in
        loader.processes.removeLast(2); loader.classes?.roles.removeLast(2)
      }
      try write()
      let expected = try columns(loader(weighting, classWeights, change: change))
      #expect(expected.1 >= 0.5 && expected.1 < 2)
      for exponent in [-50, 50, -120] {
        try write(factor: exp2(exponent))
        let found = try columns(loader(weighting, classWeights, change: change))
        #expect(found == expected)
      }
    }
  }

  @Test func variationsAreKept() throws {
    let weighting = Weighting(
      columns: ["w"], variations: [.init(name: "up", columns: ["up"]), .init(name: "wup", columns: ["w", "up"])])
    let store = try loader(weighting).load(.solo()).store
    #expect(store.header.weights.map(\.kind) == [.monitor, .nominal, .variation("up"), .variation("wup")])
    let units = store.header.weights.map(\.unit)
    for (number, process) in store.header.processes.enumerated() {
      for row in process.counts.total > 0 ? Array(store.header.rows(ofProcess: number, .training)) : [] {
        let values = (1...3).map { column in
          Double(store.withSpan(store.layout.weights(column)) { $0[row] }) * exp2(units[column])
        }
        let w = Double(weight(number, Int(store.feature(0, ofRow: row))))
        let scale = [0.5, 1, 3, 1, 1][number]
        #expect(values == [w, 2 * w, Double(Float(2 * w * w / scale))])
      }
    }
  }

  @Test func withoutWeightsThereIsNoColumn() throws {
    let plain = try loader(Weighting()) { loader in
      loader.classes = EventClasses(
        names: ["s", "t"], roles: ["s", "t", "t"].map { ProcessRole(className: $0) })
      loader.processes.removeLast(2)
    }.load(.solo()).store
    #expect(
      plain.header.weights.isEmpty && !plain.header.isPlain && plain.layout.byteCount == plain.events * (64 + 4 + 8))
    let counts = plain.counts.map { Double($0.training) }
    #expect(plain.classWeights == counts.map { Float((counts[0] + counts[1]) / (2 * $0)) })
    // Weights that are not used: w alone is kept.
    let unused = try loader(Weighting(columns: ["w"], isUsed: false)).load(.solo()).store
    #expect(unused.header.weights.map(\.kind) == [.nominal] && unused.classWeights == plain.classWeights)
    #expect(unused.header.processes[1].yield?.negative == 20 && plain.header.processes[1].yield == nil)
  }

  @Test func everyProcessAloneIsPlain() throws {
    let store = try loader(Weighting()) { loader in
      loader.classes = nil
      loader.processes = [loader.processes[0], loader.processes[1]]
    }.load(.solo()).store
    #expect(store.header.isPlain && store.header.weighsEventsEqually == false)
  }

  @Test func labelsSayTheClass() throws {
    let loader = loader(Weighting(columns: ["w"])) { loader in
      loader.processes = [ProcessFiles(name: "all", files: ["t1.csv"]), ProcessFiles(name: "v", files: ["v.csv"])]
      loader.classes = EventClasses(
        names: ["other", "sig"], roles: [ProcessRole(className: nil), ProcessRole(.evaluate, className: "sig")],
        labels: CategoryColumn(column: "kind", key: "data.label", values: [["5"], ["sig", "x"]]))
    }
    let store = try loader.load(.solo()).store
    for row in store.header.rows(ofProcess: 0, .training) {
      #expect(store.label(ofRow: row) == (Int(store.feature(0, ofRow: row)) % 3 == 0 ? 1 : 0))
    }
    #expect(store.header.processes.map(\.classIndex) == [nil, 1])
    #expect(store.counts.map(\.total) == [40, 20])
    var sums = [0.0, 0.0]
    for row in store.training { sums[store.label(ofRow: row)] += Double(store.weight(ofRow: row)) }
    #expect(abs(sums[0] / sums[1] - 1) < 1e-6)
    // A file of one class under the label's.
    var both = loader
    both.processes.insert(ProcessFiles(name: "more", files: ["s.csv"]), at: 1)
    both.classes?.roles.insert(ProcessRole(className: "sig"), at: 1)
    #expect(try both.load(.solo()).store.counts.map(\.total) == [40, 60])
  }

  @Test func splitsByColumnAndByFile() throws {
    let column = CategoryColumn(column: "fold", key: "split.by", values: [["0", "1"], ["2"], ["3.0"]])
    let byColumn = try loader(split: Split(train: 0.7, validation: 0.15, test: 0.15, by: .column(column))).load(.solo())
    #expect(byColumn.store.training.count == 66 && byColumn.store.validation.count == 32)
    let uses = byColumn.uses
    #expect(uses.count == 160 && uses[..<4] == [.training, .training, .validation, .test])
    #expect(uses[130..<150].allSatisfy { $0 == .evaluation } && uses[150...].allSatisfy { $0 == .data })
    #expect(byColumn.files.map(\.first) == [0, 40, 100, 130, 150])
    func files(_ validation: [String], _ test: [String]) -> EventLoader {
      loader(split: Split(train: 1, validation: 0, test: 0, by: .files(validation: validation, test: test)))
    }
    let byFile = try files([folder("t2.csv")], []).load(.solo())
    #expect(byFile.uses[100..<130].allSatisfy { $0 == .validation } && byFile.store.training.count == 100)
    #expect(fault(files([], ["*/v.csv"]))?.exitCode == .usage, "it is not trained on")
    #expect(fault(files(["*2.csv"], ["*/t?.csv"]))?.description.contains("both validation and test") == true)
    #expect(fault(files(["*.csv"], []))?.exitCode == .badData, "nothing to train on")
  }

  @Test(arguments: [
    ("a.csv", "a.csv", true), ("a.csv", "*.csv", true), ("a.csv", "a?csv", true), ("ab.csv", "a?csv", false),
    ("", "*", true),
    ("aXbXc", "a*b*c", true), ("aXbX", "a*b*c", false), ("abcabd", "*abd", true), ("a", "", false), ("", "", true),
    ("a.csv", "b*", false), ("aaaaaaaaab", "*a*a*a*a*c", false),
  ])
  func patterns(_ text: String, _ pattern: String, _ matches: Bool) {
    #expect(text.matches(pattern: pattern) == matches)
  }

  @Test func identitiesDifferBetweenProcesses() throws {
    let change = { (loader: inout EventLoader) in loader.request.identity = ["event"] }
    let store = try loader(change: change).load(.solo()).store
    let keys = (0..<store.events).map(store.identity)
    #expect(Set(keys).count == 160 && store.header.hasGivenIdentities)
    // From Python: hashlib, and SplitMix64 in numpy.
    #expect(EventIdentity(process: "signal").key([1, 2, 1 << 60 + 3]) == 7_242_287_205_351_810_429)
    #expect(EventIdentity(process: "signal").key([]) == 17_751_650_506_294_575_568)
    for row in store.header.rows(ofProcess: 1, .training) {
      let event = UInt64(store.feature(0, ofRow: row))
      #expect(store.identity(ofRow: row) == EventIdentity(process: "t1").key([event]))
    }
    let split = Split(train: 0.6, validation: 0.2, test: 0.2, by: .identity)
    let divided = try loader(split: split, change: change).load(.solo()).store
    for use in [EventUse.training, .validation, .test] {
      for row in divided.rows(use) { #expect(split.use(key: divided.identity(ofRow: row), seed: 3) == use) }
    }
  }

  @Test func repeatedIdentitiesAreNamed() throws {
    let text = try String(decoding: contents(folder("s.csv")), as: UTF8.self)
    let rows = text.split(separator: "\n").map(String.init)
    try folder.write("s.csv", (rows + [rows[3], rows[7]]).joined(separator: "\n") + "\n")
    let loaded = try loader { $0.request.identity = ["event"] }.load(.solo())
    #expect(
      loaded.warnings.contains {
        $0.hasPrefix("2 events of process s have the same identity as another, such as event 41 of")
          && $0.contains("and event 3 of")
      })
  }

  private func fault(_ loader: EventLoader) -> AgreedFailure? {
    do { _ = try loader.load(.solo()) } catch { return error as? AgreedFailure }
    return nil
  }

  /// Process s has other weights.
  private func faultOfWeights(_ weights: [Double], share: ProcessShare = .weight) throws -> AgreedFailure? {
    let rows = weights.enumerated().map { "\($0),\($1),1,\($0),0,sig" }
    try folder.write("s.csv", "x,w,up,event,fold,kind\n" + rows.joined(separator: "\n") + "\n")
    return fault(
      loader(
        Weighting(columns: ["w"], negative: .keep, share: share), split: Split(train: 1, validation: 0, test: 0)))
  }

  @Test func whatCannotBeTrainedOnIsRefused() throws {
    #expect(try faultOfWeights([0, 0, 0])?.description.contains("all weights of process 's' are 0") == true)
    #expect(
      try faultOfWeights([1, -1])?.description.hasPrefix("class s: the weights of its 2 training events add up to 0")
        == true)
    #expect(try faultOfWeights([1, 1e300])?.description.contains("event 2 has a weight of 5e+299, beyond") == true)
    #expect(try faultOfWeights([1, 2]) == nil)
    let drop = loader(Weighting(columns: ["w"], negative: .drop), split: Split(train: 1, validation: 0, test: 0))
    try folder.write("t1.csv", "x,w,up,event,fold,kind\n1,-1,1,1,0,sig\n")
    #expect(fault(drop)?.description.contains("has a training weight other than 0") == true)
  }

  @Test func blocksGetTheWeightsThatAreAskedFor() throws {
    let signed = try loader(Weighting(columns: ["w"], negative: .keep)).load(.solo()).store
    let magnitudes = try loader().load(.solo()).store
    for (store, isSigned) in [(signed, true), (magnitudes, false)] {
      for kind in [WeightKind.training, .monitor] {
        let (first, count) = (store.validation.lowerBound, store.validation.count)
        var features = [Float](repeating: -1, count: count * 8)
        var labels = [Int32](repeating: -1, count: count)
        var weights = [Float](repeating: 0, count: count)
        var f = features.mutableSpan
        var l = labels.mutableSpan
        var w = weights.mutableSpan
        _ = store.gather(
          0..<count, in: .sequential(first: first), featureStride: 8, features: &f, labels: &l, weights: &w,
          weighting: kind)
        for index in 0..<count {
          #expect(features[index * 8] == store.feature(0, ofRow: first + index) && features[index * 8 + 1] == 0)
          #expect(Int(labels[index]) == store.label(ofRow: first + index))
          #expect(weights[index] == store.weight(ofRow: first + index, kind))
        }
        #expect(weights.contains { $0 < 0 } == (isSigned || kind == .monitor))
      }
    }
  }

  @Test func otherEventsAreJudgedByTheFactorsOfATraining() throws {
    let trained = try loader().load(.solo()).store
    let former = try #require(FormerWeights(trained.header))
    try write(factor: exp2(-70))
    let other = try loader(split: Split(train: 0, validation: 0, test: 1)) { $0.former = former }.load(.solo()).store
    #expect(other.meanWeight == trained.meanWeight && other.meanMonitorWeight == trained.meanMonitorWeight)
    let factor = trained.header.processes[1].factors[1]
    for row in other.header.rows(ofProcess: 1, .test) {
      let w = weight(1, Int(other.feature(0, ofRow: row)))
      // In a unit of their own: their figures are ratios.
      let expected = Double(w * factor) * exp2(-70 - other.header.weights[1].unit)
      #expect(abs(Double(other.weight(ofRow: row, .monitor)) - expected) <= 1e-7 * abs(expected))
    }
  }
}

/// 2ⁿ.
private func exp2(_ n: Int) -> Double { Double(sign: .plus, exponent: n, significand: 1) }
