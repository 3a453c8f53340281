import Events
import Machine

extension EventCheck {
  /// Processes whose values were rounded to fewer bits than those of others: a network can learn the rounding.
  ///
  /// A float16 stored as float32 has 13 trailing zero bits. A hundred values never all have them by chance.
  static let precision = EventCheck { events in
    events.varying.compactMap { feature in
      let zeros = events.trained.map { fewestTrailingZeros(events.columns[$0][feature]) }
      guard let most = zeros.compactMap({ $0 }).max(), let fewest = zeros.compactMap({ $0 }).min(), most >= 8,
        fewest < 4
      else {
        return nil
      }
      let rounded = zip(events.trained, zeros).filter { ($1 ?? 0) >= 8 }.map { events.survey.processes[$0.0].name }
      return Finding(
        .note, "precision-differs", process: rounded.count == 1 ? rounded[0] : nil,
        feature: events.survey.features[feature],
        what: "is rounded to \(24 - most) bits in \(CheckedEvents.list(rounded)), but finer in other processes",
        advice: "write all processes with the same data type: a network can learn the rounding")
    }
  }

  /// The number of trailing bits that are 0 in all nonzero values; nil for few values and for integers.
  private static func fewestTrailingZeros(_ column: SortedColumn) -> Int? {
    guard column.count >= 100, !column.isInteger, column.mode.distinct > column.count / 8 else { return nil }
    let bits = column.values.reduce(UInt32(0)) { $0 | $1.bitPattern }
    return min(23, bits.trailingZeroBitCount)
  }
}
