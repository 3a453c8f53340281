/// The registers that this build of the kernels works with. Everything that differs between the builds is asked here.
enum VectorRegisters {
  /// Whether there are 32 registers of 16 floats (AVX-512), not 16 of 8 (AVX2) or 32 of 4 (NEON).
  @inline(__always) static var areWide: Bool {
    #if WIDE_KERNELS
      true
    #else
      false
    #endif
  }
}
