import Machine
import Testing

@Suite struct BatchJobTests {
  private func job(_ variables: [String: String], file: String = "") -> String? {
    BatchJob(variables) { $0 == "/scratch/.job.ad" ? file : "" }?.description
  }

  @Test func slurmTellsItsJobs() {
    #expect(job(["SLURM_JOB_ID": "17"]) == "Slurm job 17")
    #expect(job(["SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": "2"]) == "Slurm job 17, restart 2")
    let task = ["SLURM_JOB_ID": "19", "SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": "3"]
    #expect(job(task) == "Slurm job 17_3")
  }

  @Test func condorTellsItsJobs() {
    let variables = ["_CONDOR_JOB_AD": "/scratch/.job.ad"]
    #expect(job(variables, file: "ClusterId = 12\nProcId = 4\nCmd = \"a = b\"\n") == "HTCondor job 12.4")
    #expect(job(variables, file: "NumShadowStarts = 3\nClusterId = 12\nProcId = 0\n") == "HTCondor job 12.0, restart 2")
    #expect(job(variables) == nil)
  }

  @Test func onlyALaterStartOfTheSameJobIsARestart() throws {
    func job(_ number: String, restarts: String) throws -> BatchJob {
      try #require(BatchJob(["SLURM_JOB_ID": number, "SLURM_RESTART_COUNT": restarts]) { _ in "" })
    }
    #expect(try job("17", restarts: "1").isRestart(of: job("17", restarts: "0")))
    for (number, restarts) in [("17", "1"), ("17", "2"), ("18", "0")] {
      #expect(try !job("17", restarts: "1").isRestart(of: job(number, restarts: restarts)))
    }
  }

  @Test func elsewhereThereIsNone() { #expect(job(["HOME": "/root"]) == nil) }
}
