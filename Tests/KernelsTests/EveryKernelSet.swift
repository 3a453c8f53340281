import Kernels
import Testing

/// The kernels under test.
var kernels: KernelSet { EveryKernelSet.current }

/// Runs the tests of a suite once for every build of the kernels that this CPU can run: they are held to the same twins, so
/// to the same bits.
struct EveryKernelSet: SuiteTrait, TestTrait, TestScoping {
  @TaskLocal static var current = KernelSet.baseline

  let isRecursive = true

  func scopeProvider(for test: Test, testCase: Test.Case?) -> EveryKernelSet? {
    testCase == nil ? nil : self
  }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    for set in KernelSet.available {
      try await Self.$current.withValue(set) {
        do { try await function() } catch {
          Issue.record("with the kernels \(set.name)")
          throw error
        }
      }
    }
  }
}

extension Trait where Self == EveryKernelSet {
  static var everyKernelSet: Self { EveryKernelSet() }
}
