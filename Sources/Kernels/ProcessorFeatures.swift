#if arch(x86_64)
  import CProcessor
#endif

/// Which builds of the kernels this CPU and its operating system can run.
public struct ProcessorFeatures: Sendable {
  /// Features that every build needs and this CPU lacks, by the names of x86-64-v3; empty if it can run them.
  public let missing: [String]
  /// Whether it can run the kernels for AVX-512 (x86-64-v4).
  public let hasWideVectors: Bool

  public init(missing: [String], hasWideVectors: Bool) {
    self.missing = missing
    self.hasWideVectors = hasWideVectors
  }

  public static let current = ProcessorFeatures()

  // Levels: "x86-64 psABI supplement" 1.0, table 3.1; bits: Intel 64 and IA-32 manual, volume 2A, CPUID.
  private init() {
    #if arch(x86_64)
      let basic = shim_cpuid(1, 0)
      let extended = shim_cpuid(7, 0)
      let further = shim_cpuid(0x8000_0001, 0)
      let savesRegisters = Self.bit(27, of: basic.ecx)
      // What the system keeps when threads change: bits 1 and 2 for AVX, 5 to 7 for AVX-512.
      let saved = savesRegisters ? shim_xgetbv() : 0
      let needed: [(String, Bool)] = [
        ("SSE4.2", Self.bit(20, of: basic.ecx)), ("POPCNT", Self.bit(23, of: basic.ecx)),
        ("AVX", Self.bit(28, of: basic.ecx) && saved & 0x06 == 0x06), ("AVX2", Self.bit(5, of: extended.ebx)),
        ("FMA", Self.bit(12, of: basic.ecx)), ("BMI1", Self.bit(3, of: extended.ebx)),
        ("BMI2", Self.bit(8, of: extended.ebx)), ("F16C", Self.bit(29, of: basic.ecx)),
        ("MOVBE", Self.bit(22, of: basic.ecx)), ("LZCNT", Self.bit(5, of: further.ecx)),
      ]
      let missing = needed.filter { !$0.1 }.map(\.0)
      // AVX512F, DQ, CD, BW, VL.
      let wide = [16, 17, 28, 30, 31].allSatisfy { Self.bit($0, of: extended.ebx) } && saved & 0xE6 == 0xE6
      self.init(missing: missing, hasWideVectors: missing.isEmpty && wide)
    #else
      self.init(missing: [], hasWideVectors: false)
    #endif
  }

  #if arch(x86_64)
    private static func bit(_ index: Int, of word: UInt32) -> Bool { word >> UInt32(index) & 1 == 1 }
  #endif
}
