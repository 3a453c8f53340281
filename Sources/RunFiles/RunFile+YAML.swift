extension RunFile {
  /// The run file with every key and its value, overrides included. Parsing it gives an equal `RunFile`, wherever it
  /// is saved. Each section writes itself beside where it reads itself.
  package func yaml() -> String {
    """
    # What dist-train ran: the run file with all defaults and command-line overrides filled in.
    # Run it again with: dist-train <this file>. data/hh-bbww.yaml in the source tree explains every key.
    name: \(name.yaml)
    \(data.yaml)
    \(split.yaml)
    \(network.yaml)
    \(training.yaml)
    \(evaluation.yaml)
    \(output.yaml)
    \(safety.yaml)

    """
  }
}
