import KernelOperands
import Numerics

/// Dropout of the units of a layer: its probability and the scale that compensates (Srivastava et al., JMLR 15, 1929, 2014).
///
/// In a training step, a unit's value is 0 with probability p and otherwise multiplied by 1 / (1 − p), as in Keras; evaluations and
/// predictions drop nothing. Which units are dropped is a function of the seed, the epoch, the layer and the event's place in the
/// epoch's order (`DropoutMask`), whoever computes the event.
public struct Dropout: Equatable, Sendable {
  /// p · 2³².
  public let threshold: UInt32

  /// p rounded to a multiple of 2⁻³², of which 1 − 2⁻³² is the largest: that is what is used. 0 ≤ p < 1.
  public init(_ probability: Double) {
    precondition(probability >= 0 && probability < 1, "a probability of \(probability)")
    threshold = UInt32(min(probability * 0x1p32 + 0.5, 0x1p32 - 1))
  }

  /// p as it is used.
  public var probability: Double { Double(threshold) * 0x1p-32 }

  /// 1 / (1 − p), in double, rounded once.
  public var scale: Float { Float(1 / (1 - probability)) }

  /// Whether nothing is dropped.
  var isOff: Bool { threshold == 0 }

  /// The mask of the events from `firstPlace` of the epoch's order on.
  func mask(_ stream: UInt64, firstPlace: Int) -> DropoutMask {
    DropoutMask(stream: stream, firstPlace: UInt64(firstPlace), threshold: threshold, scale: scale)
  }

  /// The keys of the streams of an epoch: of the inputs, then of each of this many hidden layers.
  static func streams(seed: UInt64, epoch: Int, hiddenLayers: Int) -> [UInt64] {
    (0...hiddenLayers).map {
      CounterRandom(seed: seed, stream: RandomStream.dropout(layer: $0, epoch: epoch)).key
    }
  }
}
