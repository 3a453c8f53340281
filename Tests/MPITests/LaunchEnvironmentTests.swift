import MPI
import Testing

@Suite struct LaunchEnvironmentTests {
  @Test func alonePlain() {
    let environment = LaunchEnvironment([:], onlineCPUs: 4)
    #expect(!environment.hasLauncher && environment.lonelySlurmTasks == nil)
  }

  @Test func inABatchScriptAloneIsAlone() {
    let environment = LaunchEnvironment(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"], onlineCPUs: 4)
    #expect(environment.lonelySlurmTasks == nil)
  }

  @Test func srunWithoutPMIIsNoticed() {
    let environment = LaunchEnvironment(
      ["SLURM_PROCID": "3", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8"], onlineCPUs: 4)
    #expect(!environment.hasLauncher && environment.lonelySlurmTasks == 8)
  }

  @Test func waitingRanksYieldOnlyWhereCPUsAreShort() {
    func names(_ localRanks: String) -> [String] {
      LaunchEnvironment(
        ["OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_LOCAL_SIZE": localRanks], onlineCPUs: 4
      ).defaults.map(\.name)
    }
    #expect(!names("4").contains("OMPI_MCA_mpi_yield_when_idle"))
    #expect(names("5").contains("OMPI_MCA_mpi_yield_when_idle"))
    #expect(names("4").contains("OMPI_MCA_btl_vader_eager_limit"))
  }

  @Test func theUsersOwnFileWins() {
    let environment = LaunchEnvironment(
      ["OMPI_COMM_WORLD_SIZE": "2"], onlineCPUs: 4, parameterFile: "btl_vader_eager_limit = 4096\n")
    #expect(!environment.defaults.contains { $0.name == "OMPI_MCA_btl_vader_eager_limit" })
  }
}
