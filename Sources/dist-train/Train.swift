import ArgumentParser
import Machine
import Runs

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train the network of a run file (the default command).",
    discussion: """
      Leaves a folder <output.directory>/<name> with config.yaml, history.csv,
      costs.npy, metrics.json, checkpoints/ and the best model. The same run
      file, events and seed give the same bits on any number of ranks and
      threads.

      Any key of the run file can be replaced:
      --training.epochs=5 --network.hidden=[64,64]

      SIGUSR1, SIGTERM and SIGINT (control-C) end a run after the step that it
      is in, with a checkpoint and exit code 85; a second SIGINT ends it at once.
      """)

  @OptionGroup var training: TrainingOptions

  func run() throws {
    StopRequest.listen()
    let request = training.request
    try withMPI(threads: request.threads) { communicator in try Run.train(request, communicator) }
  }
}
