import Events
import Formats
import Machine
import Testing
import TestSupport

/// The error that reading the processes gives.
private func fault(
  _ processes: [ProcessFiles], in folder: TemporaryFolder, features: [String] = [],
  layout: FileLayout = .eventsByRow
) -> DataError? {
  do {
    _ = try readProcesses(processes, directory: folder.path, EventRequest(layout: layout, features: features))
  } catch { return error }
  return nil
}

@Suite struct ProcessEventsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("a.txt", "1 2 3\n4 5 6\n")
    try folder.write("b.txt", "7 8 9\n")
    try folder.write("c.txt", "1 2 3\n4 5 6\n")
    try folder.write("narrow.txt", "1 2\n3 4\n5 6\n")
    try folder.write("none.npy", npyHeader(shape: [0, 3], descr: "<f4"))
    try folder.write("named.csv", "index,eta,pt,phi\n0,10,20,30\n1,11,21,31\n")
  }

  @Test func filesFollowOneAnother() throws {
    let processes = [
      ProcessFiles(name: "signal", files: ["b.txt", folder("a.txt")]),
      ProcessFiles(name: "background", files: ["none.npy", "./c.txt"]),
    ]
    for directory in [folder.path, folder.path + "/"] {
      let read = try readProcesses(
        processes, directory: directory, EventRequest(layout: .eventsByRow, features: ["x", "y", "z"]))
      #expect(read.map(\.name) == ["signal", "background"])
      #expect(try read[0].table().values == [7, 8, 9, 1, 2, 3, 4, 5, 6])
      #expect(try read[0].table().events == 3)
      #expect(read[0].files.map(\.path) == [folder("b.txt"), folder("a.txt")])
      #expect(read[0].files.map(\.events) == [1, 2])
      #expect(try read[1].table().values == [1, 2, 3, 4, 5, 6])
    }
  }

  @Test func featuresByRow() throws {
    let read = try readProcesses(
      [ProcessFiles(name: "signal", files: ["a.txt", "narrow.txt"].suffix(1))], directory: folder.path,
      EventRequest(layout: .featuresByRow))
    #expect(try read[0].table().features == 3)
    #expect(try read[0].table().values == [1, 3, 5, 2, 4, 6])
  }

  @Test func columnsAreTakenByName() throws {
    let processes = [
      ProcessFiles(name: "signal", files: ["named.csv"]), ProcessFiles(name: "background", files: ["narrow.txt"]),
    ]
    let read = try readProcesses(
      processes, directory: folder.path, EventRequest(layout: .eventsByRow, features: ["pt", "eta"]))
    #expect(try read[0].table().values == [20, 10, 21, 11])
    #expect(try read[0].table().columnNames == ["pt", "eta"])
    #expect(try read[1].table().values == [1, 2, 3, 4, 5, 6])
  }

  @Test func columnsThatAreNotNamed() throws {
    let signal = [ProcessFiles(name: "signal", files: ["named.csv"])]
    #expect(
      fault(signal, in: folder, features: ["eta", "PT"])?.description
        == "\(folder("named.csv")): no column is named PT; did you mean pt? the header names index, eta, pt, phi")
    #expect(
      fault(signal, in: folder, features: ["mass"])?.description
        == "\(folder("named.csv")): no column is named mass; check data.features: "
        + "the header names index, eta, pt, phi")
    try folder.write("twice.csv", "eta,eta\n1,2\n")
    #expect(
      fault([ProcessFiles(name: "signal", files: ["twice.csv"])], in: folder, features: ["eta"])?.what
        == "several columns are named eta")
  }

  @Test func headersThatDisagree() throws {
    try folder.write("order.csv", "index,pt,eta,phi\n0,10,20,30\n")
    try folder.write("unnamed.csv", ",pt,eta,phi\n0,10,20,30\n")
    #expect(
      fault([ProcessFiles(name: "signal", files: ["named.csv", "order.csv"])], in: folder)?.description
        == "\(folder("order.csv")): the header names pt where that of \(folder("named.csv")) names eta; "
        + "name in data.features the columns to take")
    #expect(
      fault([ProcessFiles(name: "signal", files: ["unnamed.csv"])], in: folder)?.what
        == "column 1 has no name in the header")
  }

  @Test func countsThatDisagree() throws {
    let error = fault(
      [ProcessFiles(name: "signal", files: ["a.txt"]), ProcessFiles(name: "background", files: ["narrow.txt"])],
      in: folder)
    #expect(error?.exitCode == .badData)
    #expect(
      error?.description == "\(folder("narrow.txt")): 2 features, but \(folder("a.txt")) has 3; "
        + "its 3 events would fit: try the layout features_by_row")
    #expect(
      fault([ProcessFiles(name: "signal", files: ["a.txt"])], in: folder, features: ["x"])?.description
        == "\(folder("a.txt")): 3 features, but data.features names 1; "
        + "give all files the same features in the same order")
    #expect(
      fault(
        [ProcessFiles(name: "signal", files: ["a.txt"])], in: folder, features: ["x", "y", "z"],
        layout: .featuresByRow)?.description
        == "\(folder("a.txt")): 2 features, but data.features names 3; "
        + "its 3 events would fit: try the layout events_by_row")
  }

  @Test func processesWithoutEvents() {
    #expect(
      fault([ProcessFiles(name: "signal", files: [])], in: folder)
        == DataError(
          .missing, file: "process signal", what: "no file is listed", advice: "list its event files"))
    #expect(
      fault([ProcessFiles(name: "signal", files: ["none.npy"])], in: folder)?.description
        == "process signal: no event in \(folder("none.npy")); "
        + "give it a file with events or take the process out")
  }

  @Test func filesListedTwice() throws {
    #expect(
      fault([ProcessFiles(name: "signal", files: ["a.txt", "a.txt"])], in: folder)?.what
        == "listed twice for process signal")
    let processes = [
      ProcessFiles(name: "signal", files: ["a.txt"]), ProcessFiles(name: "background", files: ["b.txt", "a.txt"]),
    ]
    #expect(fault(processes, in: folder)?.what == "listed for processes signal and background")
    // Under other names.
    try #require(unsafe symlink(folder("a.txt"), folder("symbolic.txt")) == 0)
    try #require(unsafe link(folder("a.txt"), folder("hard.txt")) == 0)
    for name in [
      "./a.txt", folder("a.txt"), "symbolic.txt", "hard.txt",
      "../\(folder.path.split(separator: "/").last ?? "")/a.txt",
    ] {
      let processes = [ProcessFiles(name: "s", files: ["b.txt", "a.txt"]), ProcessFiles(name: "b", files: [name])]
      let error = fault(processes, in: folder)
      #expect(error?.exitCode == .badData)
      #expect(error?.what == "the same file as \(folder("a.txt")), which belongs to process s")
    }
    let twice = [ProcessFiles(name: "s", files: ["a.txt", "hard.txt"])]
    #expect(fault(twice, in: folder)?.what == "the same file as \(folder("a.txt"))")
  }
}
