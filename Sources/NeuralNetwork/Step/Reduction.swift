/// How the gradients of a step's blocks are summed over blocks, threads and ranks.
public enum Reduction: String, CaseIterable, Codable, Sendable {
  /// On a grid of integers in doubles (see ``GradientGrid``): the same bits on any number of ranks and threads.
  case exact
  /// In plain float32 additions from the first block to the last rank, in natural units: half the bytes to add and to
  /// send. The bits then depend on the number of ranks, on which thread took which block, and on the order in which MPI adds;
  /// what is counted, and the loss of given parameters, stay exact.
  case float32
}
