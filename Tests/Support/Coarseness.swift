import Foundation

/// By how much fewer values than usual a test looks at: an emulated CPU is some 20 times slower.
public let coarseness = ProcessInfo.processInfo.environment["DIST_TRAIN_TEST_COARSENESS"].flatMap { Int($0) } ?? 1
