/// The registers that this build of the kernels works with. Everything that differs between the builds is here.
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

#if WIDE_KERNELS
  /// The floats of a register, or of the two that stand for one.
  typealias Register = SIMD16<Float>
#else
  /// The floats of a register, or of the two that stand for one.
  typealias Register = SIMD8<Float>
#endif

/// Arithmetic of a vector that fills a register, each lane by itself.
protocol RegisterVector: TileVector {
  /// The number of lanes.
  static var width: Int { get }

  /// The products.
  func times(_ other: Self) -> Self

  /// The sums.
  func plus(_ other: Self) -> Self

  /// The differences.
  func minus(_ other: Self) -> Self

  /// The quotients.
  func divided(by other: Self) -> Self

  /// √x. A single instruction only if the build says that `errno` is not needed (see Package.swift); else a call per lane.
  func squareRoots() -> Self

  /// Each lane, with those below `least` in magnitude set to +0; NaN stays NaN.
  func kept(from least: Float) -> Self

  /// float32(x · factor), the product in double.
  func scaled(by factor: Double) -> Self
}

extension SIMD8<Float>: RegisterVector {
  @inline(__always) static var width: Int { 8 }

  @inline(__always) func times(_ other: Self) -> Self { self * other }

  @inline(__always) func plus(_ other: Self) -> Self { self + other }

  @inline(__always) func minus(_ other: Self) -> Self { self - other }

  @inline(__always) func divided(by other: Self) -> Self { self / other }

  @inline(__always) func squareRoots() -> Self { squareRoot() }

  @inline(__always) func kept(from least: Float) -> Self {
    kept(where: .!(magnitudes .< Lanes(repeating: least)))
  }

  @inline(__always) func scaled(by factor: Double) -> Self {
    narrowed(widened(self) * SIMD8<Double>(repeating: factor))
  }
}

extension SIMD16<Float>: RegisterVector {
  @inline(__always) static var width: Int { 16 }

  @inline(__always) func times(_ other: Self) -> Self { self * other }

  @inline(__always) func plus(_ other: Self) -> Self { self + other }

  @inline(__always) func minus(_ other: Self) -> Self { self - other }

  @inline(__always) func divided(by other: Self) -> Self { self / other }

  @inline(__always) func squareRoots() -> Self { squareRoot() }

  @inline(__always) func kept(from least: Float) -> Self {
    Self(lowHalf: lowHalf.kept(from: least), highHalf: highHalf.kept(from: least))
  }

  @inline(__always) func scaled(by factor: Double) -> Self {
    Self(lowHalf: lowHalf.scaled(by: factor), highHalf: highHalf.scaled(by: factor))
  }
}
