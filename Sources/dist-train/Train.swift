import ArgumentParser
import Machine
import Runs

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train the network of a run file (the default command).",
    usage: "dist-train [train] [run.yaml] [--section.key=value ...] [options]",
    discussion: """
      The run writes its model, checkpoints, history.csv and metrics.json to
      the folder <output.directory>/<name>, for example runs/my-run. The same
      run file, events and seed give the same bits on any number of ranks and
      threads.

      Losses are weighted by training.class_weights, divided by their mean over
      the training events; accuracy counts events. Where the weights differ, the
      end of the training and metrics.json also give the loss with every event
      counting the same.

      Any key of the run file can be replaced on the command line:
      --training.epochs=5 '--network.hidden=[64,64]'

      To stop a run early, send it SIGUSR1, SIGTERM, SIGINT (control-C) or
      SIGHUP (as a terminal does when it closes): it finishes its step, writes
      a checkpoint and ends with exit code 85. A second SIGINT ends it at once;
      under nohup, SIGHUP is ignored. To continue it, use --resume.
      """)

  @OptionGroup var training: TrainingOptions

  /// Finds the run file and the folder, and does no more.
  func find() throws {
    try withoutMPI { _ = try RunStart.find(training.request) }
  }

  func run() throws {
    StopRequest.listen()
    let request = training.request
    try withMPI(threads: request.threads) { communicator in try Run.train(request, communicator) }
  }
}
