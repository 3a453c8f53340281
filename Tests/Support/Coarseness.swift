import Foundation

/// By how much fewer values than usual a test looks at: an emulated CPU is some 20 times slower.
public let coarseness = ProcessInfo.processInfo.environment["DIST_TRAIN_TEST_COARSENESS"].flatMap { Int($0) } ?? 1

/// One of these values in `coarseness`, beginning with the first.
public func everyNth<Values: Collection>(_ values: Values) -> [Values.Element] {
  zip(0..., values).lazy.filter { $0.0 % coarseness == 0 }.map(\.1)
}
