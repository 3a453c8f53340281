/// How the learning rate moves during the training.
public enum LearningRateSchedule: Equatable, Sendable {
  /// The same all the time.
  case constant
  /// Multiplied by `factor` after every `every` epochs.
  case step(factor: Double, every: Int)
  /// From the learning rate down to `final` × learning rate along half a cosine over the whole training.
  case cosine(final: Double)
}
