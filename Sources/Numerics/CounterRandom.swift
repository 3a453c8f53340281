/// Random numbers as a pure function of (seed, stream, counter): no state, no order, the same on every rank.
///
/// Word *i* of a stream is the *i*-th output of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014; finaliser: Stafford's variant 13) started at the stream's key:
///
///     φ        = 0x9E3779B97F4A7C15
///     mix(z)   : z ^= z >> 30; z *= 0xBF58476D1CE4E5B9; z ^= z >> 27; z *= 0x94D049BB133111EB; z ^= z >> 31
///     key      = mix(mix(seed + φ) + φ · stream)
///     word(i)  = mix(key + φ · (i + 1))                      (all modulo 2^64)
public struct CounterRandom: Sendable {
  /// The state from which the stream's words are counted.
  public let key: UInt64

  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The stream named `stream` of the run that has this `seed`.
  public init(seed: UInt64, stream: UInt64) {
    key = Self.mix(Self.mix(seed &+ Self.golden) &+ Self.golden &* stream)
  }

  /// The stream that is counted from this state.
  public init(key: UInt64) { self.key = key }

  /// Word number `counter` of the stream: 64 uniform bits.
  public func word(_ counter: UInt64) -> UInt64 {
    Self.mix(key &+ Self.golden &* (counter &+ 1))
  }

  /// Number `counter` of the stream as a double in [0, 1): the top 53 bits of the word, times 2⁻⁵³.
  public func uniform(_ counter: UInt64) -> Double {
    Double(word(counter) >> 11) * 0x1p-53
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The streams of one run. Two uses never share a stream.
public enum RandomStream {
  /// Split of process number `process` into training, validation and test events.
  public static func split(process: Int) -> UInt64 { 0x1_0000_0000 + UInt64(process) }
  /// The same for events by their keys, of all processes.
  public static let splitByIdentity: UInt64 = 0x1_FFFF_FFFF
  /// Which events a preprocessing is fitted to.
  public static let preprocessing: UInt64 = 0x4_0000_0000
  /// Shuffle of the training events in epoch number `epoch`.
  public static func shuffle(epoch: Int) -> UInt64 { 0x2_0000_0000 + UInt64(epoch) }
  /// Initial weights of layer number `layer`.
  public static func initializer(layer: Int) -> UInt64 { 0x3_0000_0000 + UInt64(layer) }
  /// Which chunks of the events of process number `process` a check reads, and which events it looks at closely.
  public static func survey(process: Int) -> UInt64 { 0x5_0000_0000 + UInt64(process) }
  public static func surveySample(process: Int) -> UInt64 { 0x6_0000_0000 + UInt64(process) }
  /// How often events count in the replicas of a bootstrap; its words are keys of streams, one for each event's identity.
  public static let bootstrap: UInt64 = 0x7_0000_0000
  /// Permutation number `number` of the events of two samples; its words count the events by falling score.
  public static func permutation(_ number: Int) -> UInt64 { 0x8_0000_0000 + UInt64(number) }
  /// Dropout behind hidden layer number `layer`, from 1, or of the inputs, 0, in epoch number `epoch`; its words count the places of
  /// the epoch's order.
  public static func dropout(layer: Int, epoch: Int) -> UInt64 { 1 << 63 + UInt64(layer) << 32 + UInt64(epoch) }
}
