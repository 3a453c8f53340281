import MPI
import Testing

@Suite struct LaunchEnvironmentTests {
  @Test func alonePlain() {
    let environment = LaunchEnvironment([:], hostCPUs: 4)
    #expect(!environment.hasLauncher && environment.unconnectedSlurmTasks == nil)
  }

  @Test func inABatchScriptAloneIsAlone() {
    let environment = LaunchEnvironment(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"], hostCPUs: 4)
    #expect(environment.unconnectedSlurmTasks == nil)
  }

  @Test func srunWithoutPMIIsNoticed() {
    let environment = LaunchEnvironment(
      ["SLURM_PROCID": "3", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8"], hostCPUs: 4)
    #expect(!environment.hasLauncher && environment.unconnectedSlurmTasks == 8)
  }

  @Test func waitingRanksYieldOnlyWhereCPUsAreShort() {
    func names(_ localRanks: String, threads: Int = 1) -> [String] {
      LaunchEnvironment(
        ["OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_LOCAL_SIZE": localRanks], hostCPUs: 4, threads: threads
      ).defaults.map(\.name)
    }
    #expect(!names("4").contains("OMPI_MCA_mpi_yield_when_idle"))
    #expect(names("5").contains("OMPI_MCA_mpi_yield_when_idle"))
    #expect(!names("2", threads: 2).contains("OMPI_MCA_mpi_yield_when_idle"))
    #expect(names("2", threads: 3).contains("OMPI_MCA_mpi_yield_when_idle"))
    #expect(names("4").contains("OMPI_MCA_btl_vader_eager_limit"))
  }

  @Test func theUsersOwnFileWins() {
    let environment = LaunchEnvironment(
      ["OMPI_COMM_WORLD_SIZE": "2"], hostCPUs: 4, parameterFiles: "btl_vader_eager_limit = 4096\n")
    #expect(!environment.defaults.contains { $0.name == "OMPI_MCA_btl_vader_eager_limit" })
    let commented = LaunchEnvironment(
      ["OMPI_COMM_WORLD_SIZE": "2"], hostCPUs: 4, parameterFiles: "# btl_vader_eager_limit = 4096\nmtl = ^ofi\n")
    #expect(commented.defaults.contains { $0.name == "OMPI_MCA_btl_vader_eager_limit" })
  }

  @Test func anotherMPIsLauncherIsRefused() throws {
    let environment = LaunchEnvironment(["PMI_SIZE": "4", "PMI_RANK": "1"], hostCPUs: 4)
    #expect(environment.hasLauncher && environment.refusal(ofWorld: 4) == nil)
    let reason = try #require(environment.refusal(ofWorld: 1))
    #expect(reason.contains("4 ranks") && reason.contains("sees 1"))
  }

  @Test func srunWhosePMIThisMPIDoesNotSpeakIsRefused() throws {
    let variables = ["SLURM_PROCID": "3", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8", "PMIX_RANK": "3"]
    let environment = LaunchEnvironment(variables, hostCPUs: 4)
    #expect(environment.hasLauncher && environment.refusal(ofWorld: 8) == nil)
    #expect(try #require(environment.refusal(ofWorld: 1)).contains("srun --mpi=pmix"))
  }

  @Test func oneRankOfMpirunInsideAStepIsAccepted() {
    // mpirun starts its daemons with srun; their variables reach the ranks.
    let environment = LaunchEnvironment(
      [
        "OMPI_COMM_WORLD_SIZE": "1", "PMIX_RANK": "0", "SLURM_PROCID": "1", "SLURM_STEP_ID": "0",
        "SLURM_STEP_NUM_TASKS": "2",
      ], hostCPUs: 4)
    #expect(environment.refusal(ofWorld: 1) == nil)
  }

  private func shell(_ variables: [String: String], tasks: Int = 1) -> LaunchEnvironment {
    LaunchEnvironment(
      ["SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "\(tasks)"].merging(variables) { $1 },
      hostCPUs: 4)
  }

  /// A shell that srun started has the variables of PMI, but no MPI_Init is expected there.
  @Test(arguments: [
    [:], ["PMI_RANK": "0", "PMI_SIZE": "1", "PMI_FD": "9"],
    ["PMIX_RANK": "0", "PMIX_NAMESPACE": "slurm.pmix.7.0", "PMIX_SERVER_URI41": "pmix-server:7;tcp4://127.0.0.1:4711"],
  ])
  func aStepOfOneTaskNeedsNoMPI(_ variables: [String: String]) {
    let environment = shell(variables)
    #expect(!environment.hasLauncher && environment.refusal(ofWorld: 1) == nil)
    // As one of several tasks it is a rank.
    #expect(shell(variables, tasks: 2).hasLauncher == !variables.isEmpty)
    // With a terminal, each task would be a shell, and the others have ended.
    let interactive = shell(variables.merging(["SLURM_PTY_PORT": "4711"]) { $1 }, tasks: 2)
    #expect(!interactive.hasLauncher && interactive.refusal(ofWorld: 1) == nil)
  }

  @Test func mpirunInAShellOfSrunIsALauncher() {
    let variables = ["OMPI_COMM_WORLD_SIZE": "2", "SLURM_PTY_PORT": "4711", "PMIX_RANK": "1"]
    #expect(shell(variables).hasLauncher && shell(variables).refusal(ofWorld: 2) == nil)
    #expect(shell(variables).refusal(ofWorld: 1) != nil)
  }

  @Test func variablesOfAJobThatIsOverAreNoLauncher() {
    #expect(!LaunchEnvironment(["PMIX_RANK": "0"], hostCPUs: 4).hasLauncher)
    #expect(!LaunchEnvironment(["PMI_RANK": "0", "PMI_SIZE": "1"], hostCPUs: 4).hasLauncher)
    #expect(LaunchEnvironment(["PMIX_RANK": "0", "PMIX_SERVER_URI2": "x"], hostCPUs: 4).hasLauncher)
  }
}
