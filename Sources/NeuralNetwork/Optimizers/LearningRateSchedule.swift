import ElementaryFunctions

/// How the learning rate moves during the training.
public enum LearningRateSchedule: Equatable, Sendable, Codable {
  /// The same all the time.
  case constant
  /// Multiplied by `factor` after every `every` epochs.
  case step(factor: Double, every: Int)
  /// From the learning rate down to `final` × learning rate along half a cosine over the whole training.
  case cosine(final: Double)

  /// What the learning rate is multiplied by at step number `step` (from 0) of `steps`, `stepsPerEpoch` of them an epoch.
  ///
  /// - constant: 1
  /// - step: factor^⌊epoch / every⌋
  /// - cosine: final + (1 − final) · (1 + cos(π · step / steps)) / 2; Loshchilov and Hutter, ICLR 2017, without restarts
  public func factor(step: Int, of steps: Int, stepsPerEpoch: Int) -> Double {
    switch self {
    case .constant: 1
    case .step(let factor, let every): Elementary.power(factor, step / stepsPerEpoch / every)
    case .cosine(let final):
      final + (1 - final) * (1 + Elementary.cosine(.pi * Double(step) / Double(steps))) / 2
    }
  }
}
