import Foundation
import Testing

/// The collectives among several processes: `mpi-probe` checks them, these tests start it under mpirun.
@Suite(.serialized) struct ProbeTests {
  @Test(arguments: [1, 2, 3, 5])
  func everyCollectiveIsRight(_ ranks: Int) throws {
    let end = try mpirun(ranks)
    #expect(end.code == 0 && end.output.contains("probe: \(ranks) ranks agree"), "\(end)")
  }

  @Test(arguments: [1, 2, 3, 5])
  func ranksSleepUntilTheLastHasCome(_ ranks: Int) throws {
    let end = try mpirun(ranks, ["asleep"])
    #expect(end.code == 0 && end.output.contains("probe: \(ranks) ranks slept"), "\(end)")
  }

  @Test func withoutALauncherMPIIsNotNeeded() throws {
    let end = try run(probe(), [])
    #expect(end.code == 0 && end.output == "probe: 1 ranks agree\n", "\(end)")
  }

  @Test(arguments: [0, 2])
  func oneRankEndsAllWithItsCode(_ rank: Int) throws {
    let mark = UUID().uuidString
    let end = try mpirun(3, ["abort", "\(rank)", mark])
    #expect(end.code == 42, "\(end)")
    // mpirun is gone; so are the ranks that waited in a barrier.
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
    let commands = processes.compactMap { try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8) }
    #expect(!commands.isEmpty && !commands.contains { $0.contains(mark) })
  }

  @Test(arguments: [0, 1])
  func anErrorThatNobodyCatchesEndsAll(_ rank: Int) throws {
    let end = try mpirun(3, ["throw", "\(rank)"])
    #expect(end.code == 70, "\(end)")
  }

  @Test func anErrorOfOneRankIsNotHeldUpBySharedMemory() throws {
    let end = try mpirun(3, ["alone"])
    #expect(end.code == 70, "\(end)")
  }

  @Test(arguments: [2, 3]) func aRankThatEndsDoesNotKeepTheOthersWaiting(_ ranks: Int) throws {
    let end = try mpirun(ranks, ["late"])
    #expect(end.code == 70, "\(end)")
  }

  @Test func withoutRoomToShareMPISums() throws {
    // The sums are compared with MPI's own.
    let end = try mpirun(2, ["time", "1000"], options: ["--mca", "osc_sm_backing_directory", "/nowhere"])
    #expect(end.code == 0 && end.output.contains("probe: 2 ranks, 1000 doubles"), "\(end)")
  }

  @Test func tooLittleRoomIsToldBeforeItIsTaken() throws {
    let room = try FileManager.default.attributesOfFileSystem(forPath: "/dev/shm")[.systemFreeSize] as? Int ?? 0
    let end = try mpirun(2, ["share", "\(room + 1)"])
    #expect(end.code == 0 && end.output.contains("2 ranks need"), "\(end)")
    #expect(end.output.contains("of shared memory in /dev/shm, where"), "\(end)")
  }

  @Test func aFolderThatIsNotThereIsTold() throws {
    let end = try mpirun(2, ["share", "4000"], options: ["--mca", "osc_sm_backing_directory", "/nowhere"])
    #expect(end.code == 0, "\(end)")
    #expect(end.output.contains("2 ranks cannot share memory in /nowhere: No such file or directory;"), "\(end)")
  }

  @Test func aRefusalByMPIIsAnError() throws {
    let end = try mpirun(2, ["refused"])
    #expect(end.code == 0, "\(end)")
    #expect(end.output.contains("probe: MPI_Bcast: MPI_ERR_ROOT: invalid root"), "\(end)")
  }

  @Test func ranksThatShareTheCPUsAreCounted() throws {
    // As a host file does that promises more CPUs than there are: mpirun itself does not know.
    let ranks = ProcessInfo.processInfo.activeProcessorCount + 1
    let end = try mpirun(ranks, ["place"], options: ["--bind-to", "none"])
    #expect(end.code == 0 && end.output.contains("probe: \(ranks) ranks × 1 thread on "), "\(end)")
    #expect(end.output.contains("oversubscribed"), "\(end)")
  }

  @Test func ranksOfAnotherMPIAreRefused() throws {
    // What MPICH's launcher leaves in the environment of a rank.
    let end = try run(probe(), [], environment: ["PMI_RANK": "1", "PMI_SIZE": "4"])
    #expect(end.code != 0 && end.output.contains("the launcher started 4 ranks, but MPI sees 1"), "\(end)")
  }

  // MARK: Programs

  func mpirun(_ ranks: Int, _ arguments: [String] = [], options: [String] = []) throws -> (code: Int32, output: String)
  {
    let command = ["mpirun", "--oversubscribe"] + options + ["-np", "\(ranks)", try probe()] + arguments
    return try run(
      "/usr/bin/env", command,
      environment: [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
      ])
  }

  /// Output and errors together. A hang is an error: `timeout` ends the program after two minutes with code 124.
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (code: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "120", program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// The program beside that of the tests.
  func probe() throws -> String {
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let path = folder.appendingPathComponent("mpi-probe").path
    try #require(FileManager.default.isExecutableFile(atPath: path), "no mpi-probe in \(folder.path)")
    return path
  }
}
