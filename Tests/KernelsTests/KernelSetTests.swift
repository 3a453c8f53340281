import Kernels
import Machine
import Synchronization
import Testing

@Suite struct KernelSetTests {
  private let old = ProcessorFeatures(missing: ["AVX2", "FMA"], hasWideVectors: false)
  private let narrow = ProcessorFeatures(missing: [], hasWideVectors: false)
  private let wide = ProcessorFeatures(missing: [], hasWideVectors: true)

  @Test func theFastestSetIsChosen() throws {
    #expect(try KernelSet.choose(named: nil, for: narrow) == .baseline)
    #expect(try KernelSet.choose(named: "", for: narrow) == .baseline)
    #expect(try KernelSet.choose(named: nil, for: wide) != .baseline)
  }

  @Test func theEnvironmentCanNameASet() throws {
    for set in KernelSet.available { #expect(try KernelSet.choose(named: set.name, for: .current) == set) }
    #expect(try KernelSet.choose(named: KernelSet.baseline.name, for: wide) == .baseline)
  }

  @Test func whatTheCPUDoesNotHaveIsRefused() {
    func refusal(_ name: String?, _ processor: ProcessorFeatures) -> String? {
      do throws(KernelRefusal) { _ = try KernelSet.choose(named: name, for: processor) } catch { return error.reason }
      return nil
    }
    #expect(refusal(nil, old)?.hasPrefix("this CPU lacks AVX2, FMA; dist-train needs x86-64-v3") == true)
    #expect(refusal("avx1024", narrow)?.hasPrefix("DIST_TRAIN_VECTORS=avx1024: this CPU has ") == true)
    #if arch(x86_64)
      #expect(
        refusal("avx512", narrow) == "DIST_TRAIN_VECTORS=avx512: this CPU has avx2; unset it for the fastest")
    #endif
  }

  /// Without the trait, every suite of kernels would test one set only.
  @Test func suitesRunWithEverySet() async throws {
    let seen = Mutex<[KernelSet]>([])
    let test = try #require(Test.current)
    try await EveryKernelSet().provideScope(for: test, testCase: nil) {
      let set = kernels
      seen.withLock { $0.append(set) }
    }
    #expect(seen.withLock { $0 } == KernelSet.available)
  }

  @Test func thisCPUIsNotRefused() {
    #expect(ProcessorFeatures.current.missing.isEmpty)
    #expect(KernelSet.available.first == .baseline)
    #expect(KernelSet.available.contains(.chosen))
  }
}
