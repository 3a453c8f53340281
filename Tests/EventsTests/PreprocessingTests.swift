import Events
import Expressions
import Machine
import MPI
import Testing
import TestSupport

@Suite struct PreprocessingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("a.csv", "n,x,y,w\n0,1,2,1\n1,4,-999,2\n2,9,8,3\n3,16,2,4\n4,0.5,1,5\n")
    try folder.write("b.csv", "w,y,x,n\n10,3,25,0\n20,,36,1\n")
  }

  private func loader(_ preprocessing: Preprocessing, weighted: Bool = false) -> EventLoader {
    EventLoader(
      processes: [ProcessFiles(name: "s", files: ["a.csv"]), ProcessFiles(name: "b", files: ["b.csv"])],
      directory: folder.path, request: EventRequest(layout: .eventsByRow, features: ["x", "y"]),
      split: Split(train: 1, validation: 0, test: 0), seed: 1,
      scaling: .given(.identity(features: preprocessing.inputNames.count)), classWeights: .balanced,
      weighting: Weighting(columns: weighted ? ["w"] : []), preprocessing: .measured(preprocessing))
  }

  private static let missing = MissingValues(values: [-999], allowsNaN: true, fill: .median, flags: ["y"])

  private func column(_ number: Int, _ store: EventStore) -> [Float] {
    (0..<store.events).map { store.feature(number, ofRow: $0) }
  }

  @Test func featuresAreComputedAndFilled() throws {
    let preprocessing = Preprocessing(
      features: [
        .init(name: "x", expression: "x", transforms: [.sqrt]), .init(name: "y", expression: "y"),
        .init(name: "r", expression: "r", transforms: [.affine(offset: 1, scale: 2)]),
      ], definitions: [.init(name: "r", text: "y / x")], missing: Self.missing)
    let store = try loader(preprocessing).load(.solo()).store
    #expect(store.featureNames == ["x", "y", "r", "y_missing"])
    #expect(column(0, store) == [1, 2, 3, 4, Float(0.5).squareRoot(), 5, 6])
    // 1 2 2 3 8 are there.
    #expect(column(1, store) == [2, 2, 8, 2, 1, 3, 2])
    #expect(column(3, store) == [0, 1, 0, 0, 0, 0, 1])
    // Of 2, 8/9, 1/8, 2 and 3/25, the median is 8/9.
    let ratios = [2, 8.0 / 9, 8.0 / 9, 1.0 / 8, 2, 3.0 / 25, 8.0 / 9]
    #expect(column(2, store) == ratios.map { Float(($0 - 1) * 2) })
    let fitted = try #require(store.header.preprocessing)
    #expect(fitted.fit.fills == [9, 2, 8.0 / 9] && fitted.isSound)
    // Another training's.
    var other = loader(preprocessing)
    var given = fitted
    given.fit.fills[1] = 7
    other.preprocessing = .given(given)
    #expect(column(1, try other.load(.solo()).store) == [2, 7, 8, 2, 1, 3, 7])
    given.fit.fills = []
    #expect(!given.isSound)
  }

  @Test func selectionsLeaveEventsOut() throws {
    let preprocessing = Preprocessing(
      features: [.init(name: "x", expression: "x")], missing: Self.missing, selection: "x > 0.75 and (y < 5 or x > 30)")
    let loaded = try loader(preprocessing, weighted: true).load(.solo())
    #expect(loaded.uses == [.training, .unselected, .unselected, .training, .unselected, .training, .training])
    let header = loaded.store.header
    #expect(column(0, loaded.store) == [1, 16, 25, 36])
    #expect(header.counts.map(\.training) == [2, 2])
    #expect(header.processes.compactMap { $0.yield?.sum } == [5, 30])
    let cutflow = try #require(header.cutflow)
    #expect(cutflow.terms == ["x > 0.75", "(y < 5 or x > 30)"])
    // Those that fail the first, those that fail the second, those that are left.
    #expect(cutflow.processes.map { $0.map(\.events) } == [[1, 2, 2], [0, 0, 2]])
    #expect(cutflow.processes.map { $0.map(\.weight) } == [[5, 5, 5], [0, 0, 30]])
  }

  private static let unusable = "n,x,y,w\n0,1,2,1\n1,4,nan,inf\n2,9,8,\n3,16,-inf,4\n4,0.5,1,1e999\n"

  @Test func whatIsLeftOutMayBeUnusable() throws {
    try folder.write("a.csv", Self.unusable)
    let kept = Preprocessing(
      features: [.init(name: "x", expression: "x"), .init(name: "y", expression: "y")],
      selection: "x < 3 and x > 0.7 or x == 25")
    let loaded = try loader(kept, weighted: true).load(.solo())
    #expect(loaded.uses == [.training, .unselected, .unselected, .unselected, .unselected, .training, .unselected])
    #expect(column(1, loaded.store) == [2, 3])
    // Of the weights that are left out those count that are finite.
    #expect(loaded.store.header.cutflow?.processes.map { $0.map(\.weight) } == [[4, 1], [20, 10]])
  }

  @Test(arguments: [
    ("x < 5", "event 2: column y is nan; exclude such events with data.selection, or treat it as missing"),
    ("x > 10", "event 4: column y is -inf; exclude such events with data.selection"),
    ("x == 9 or n >= 10", "event 3 has a weight of nan"), ("x < 0.7 or n >= 10", "event 5 has a weight of inf"),
    ("y > 0", "event 2: data.selection cannot be evaluated: column y is nan"),
  ])
  func whatIsSelectedMustBeUsable(_ selection: String, _ what: String) throws {
    try folder.write("a.csv", Self.unusable)
    try folder.write("b.csv", "w,y,x,n\n2,3,25,10\n1,4,36,11\n")
    let preprocessing = Preprocessing(
      features: [.init(name: "x", expression: "x"), .init(name: "y", expression: "y")], selection: selection)
    let error = #expect(throws: AgreedFailure.self) { try loader(preprocessing, weighted: true).load(.solo()) }
    #expect(error.map { $0.exitCode == .badData && $0.description.contains(what) } == true, "\(error as Any)")
  }

  @Test(arguments: [
    ("log(x - 1)", "feature 'q' cannot be computed: the logarithm of 0.0 in \"log(x - 1)\" (x = 1.0)"),
    ("1 / (x - 9)", "event 3: feature 'q' cannot be computed: division by zero in \"1 / (x - 9)\" (x = 9.0)"),
    ("10 ** x * 1e35", "event 2: feature 'q' is 1e+39, beyond the range of float32"),
    ("z + 1", "no column is named z"), ("x + b", "no column is named b"),
  ])
  func whatCannotBeComputedIsNamed(_ expression: String, _ what: String) throws {
    let preprocessing = Preprocessing(
      features: [.init(name: "q", expression: "q")], definitions: [.init(name: "q", text: expression)])
    let error = #expect(throws: AgreedFailure.self) { try loader(preprocessing).load(.solo()) }
    #expect(error.map { $0.exitCode == .badData && $0.description.contains(what) } == true, "\(error as Any)")
  }

  @Test func quantilesFollowTheTrainingEvents() throws {
    let preprocessing = Preprocessing(
      features: [
        .init(name: "x", expression: "x", transforms: [.quantile(isNormal: false)]),
        .init(name: "z", expression: "x", transforms: [.log, .quantile(isNormal: true)]),
        .init(name: "c", expression: "x", transforms: [.sincos]),
      ])
    let store = try loader(preprocessing).load(.solo()).store
    #expect(store.featureNames == ["x", "z", "c_sin", "c_cos"])
    // 0.5 1 4 9 16 25 36: seven quantiles, a sixth apart.
    #expect(column(0, store) == [1, 2, 3, 4, 0, 5, 6].map { Float($0 / 6.0) })
    #expect(column(1, store)[2] == 0 && abs(column(1, store)[4] + 5.1993375) < 1e-5)
    #expect(store.header.preprocessing?.fit.quantiles.map(\.count) == [7, 7, 0])
  }

  @Test func aFileHasInputsWithoutItsSelection() throws {
    let preprocessing = Preprocessing(
      features: [.init(name: "x", expression: "x"), .init(name: "y", expression: "y", transforms: [.abs])],
      missing: MissingValues(values: [-999], allowsNaN: true, fill: .constant(-5), flags: []), selection: "x > 1000")
    let fitted = FittedPreprocessing(
      preprocessing: preprocessing, fit: PreprocessingFit(fills: [-5, -5], quantiles: [[], []]))
    let table = try readInputs(
      folder("b.csv"), EventRequest(layout: .featuresByRow, features: ["x", "y"]), fitted)
    #expect(table.values == [25, 3, 36, 5] && table.columnNames == ["x", "y"])
  }

  @Test func whatIsLeftOutIsNotFilled() throws {
    try folder.write("c.csv", "x,y\n4,1\n-4,2\n-999,3\n9,inf\n")
    let preprocessing = Preprocessing(
      features: [
        .init(name: "l", expression: "log(x)"),
        .init(name: "q", expression: "sqrt(x)", transforms: [.quantile(isNormal: false)]),
        .init(name: "y", expression: "y"),
      ], missing: MissingValues(values: [-999], allowsNaN: false, fill: .constant(7), flags: []),
      selection: "x > 0 and y < 2")
    let fitted = FittedPreprocessing(
      preprocessing: preprocessing, fit: PreprocessingFit(fills: [7, 7, 7], quantiles: [[], [0, 10], []]))
    #expect(throws: DataError.self) {
      try readInputs(folder("c.csv"), EventRequest(layout: .eventsByRow, features: ["x", "y"]), fitted)
    }
    try folder.write("c.csv", "x,y\n4,1\n-4,inf\n-999,3\n")
    let table = try readInputs(
      folder("c.csv"), EventRequest(layout: .eventsByRow, features: ["x", "y"]), fitted)
    // What is missing is filled, and what has no value has none.
    #expect(table.values.map { $0.isFinite } == [true, true, true, false, false, false, true, true, true])
    #expect(table.values[6...] == [7, 0.7, 3])
  }
}
