/// A vector that a tile of a matrix product holds its columns in: one or more registers side by side.
protocol TileVector {
  /// Rows of the tallest tile. Its accumulators fill at most 12 of AVX2's 16 registers, 16 of AVX-512's 32; the rest hold a
  /// row of B and an element of A. Eight of a single register each hide the latency of a multiply-add (4 cycles, 2 a
  /// cycle); with more rows, addresses spill.
  static var tileRows: Int { get }

  /// `value` in every lane.
  init(repeating value: Float)

  /// The floats at `pointer`, at any alignment.
  init(at pointer: UnsafePointer<Float>)

  /// Writes the lanes at `pointer`.
  func store(at pointer: UnsafeMutablePointer<Float>)

  /// Adds a · b to each lane with one rounding.
  mutating func addProduct(_ a: Self, _ b: Self)

  /// max(0, x): NaN stays NaN and −0 stays −0.
  func rectified() -> Self

  /// Each lane where that of `output` is positive, +0 elsewhere.
  func kept(wherePositive output: Self) -> Self
}

extension SIMD8<Float>: TileVector {
  @inline(__always) static var tileRows: Int { 8 }

  @inline(__always) init(at pointer: UnsafePointer<Float>) {
    self = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)  // The caller owns the floats there.
  }

  @inline(__always) func store(at pointer: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)  // The caller owns the floats there.
  }

  // A comparison with NaN is false, so NaN passes, which it would not if x .> 0 were asked.
  @inline(__always) func rectified() -> Self { select(self .< 0, Lanes(), self) }

  @inline(__always) func kept(wherePositive output: Self) -> Self { kept(where: output .> 0) }
}

extension SIMD16<Float>: TileVector {
  @inline(__always) static var tileRows: Int { VectorRegisters.areWide ? 8 : 6 }

  @inline(__always) init(at pointer: UnsafePointer<Float>) {
    self = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)  // The caller owns the floats there.
  }

  @inline(__always) func store(at pointer: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)  // The caller owns the floats there.
  }

  @inline(__always) func rectified() -> Self {
    guard VectorRegisters.areWide else { return Self(lowHalf: lowHalf.rectified(), highHalf: highHalf.rectified()) }
    // One register: its halves would be taken apart and put together again. The casts are between types of the same 64 bytes, see
    // `Lanes`.
    let bits = unsafe unsafeBitCast(self, to: SIMDMask<SIMD16<Int32>>.self)
    return unsafe unsafeBitCast(bits .& .!(self .< 0), to: Self.self)
  }

  @inline(__always) func kept(wherePositive output: Self) -> Self {
    Self(
      lowHalf: lowHalf.kept(wherePositive: output.lowHalf), highHalf: highHalf.kept(wherePositive: output.highHalf))
  }
}

/// 32 columns. The standard library's SIMD32 will not do: its operations become loops over the lanes.
struct WideLanes: TileVector {
  var low: SIMD16<Float>
  var high: SIMD16<Float>

  @inline(__always) static var tileRows: Int { VectorRegisters.areWide ? 8 : 3 }

  @inline(__always) init(low: SIMD16<Float>, high: SIMD16<Float>) {
    self.low = low
    self.high = high
  }

  @inline(__always) init(repeating value: Float) {
    self.init(low: SIMD16(repeating: value), high: SIMD16(repeating: value))
  }

  @inline(__always) init(at pointer: UnsafePointer<Float>) {
    unsafe self.init(low: SIMD16(at: pointer), high: SIMD16(at: pointer + 16))  // The caller owns 32 floats there.
  }

  @inline(__always) func store(at pointer: UnsafeMutablePointer<Float>) {
    unsafe low.store(at: pointer)  // The caller owns 32 floats there.
    unsafe high.store(at: pointer + 16)
  }

  @inline(__always) mutating func addProduct(_ a: Self, _ b: Self) {
    low.addProduct(a.low, b.low)
    high.addProduct(a.high, b.high)
  }

  @inline(__always) func rectified() -> Self { Self(low: low.rectified(), high: high.rectified()) }

  @inline(__always) func kept(wherePositive output: Self) -> Self {
    Self(low: low.kept(wherePositive: output.low), high: high.kept(wherePositive: output.high))
  }
}

/// What is done to every element of C while it is still in a register.
protocol TileFinish {
  /// The element of C at `offset` from its start, finished.
  func callAsFunction<Vector: TileVector>(_ value: Vector, at offset: Int) -> Vector
}

/// The product as it is.
struct Unchanged: TileFinish {
  @inline(__always) func callAsFunction<Vector: TileVector>(_ value: Vector, at offset: Int) -> Vector { value }
}

/// Through the activation max(0, x).
struct Rectified: TileFinish {
  @inline(__always) func callAsFunction<Vector: TileVector>(_ value: Vector, at offset: Int) -> Vector {
    value.rectified()
  }
}

/// Back through the activation max(0, x), whose output is laid out like C.
@unsafe struct ThroughRectifier: TileFinish {
  let output: UnsafePointer<Float>

  @inline(__always) func callAsFunction<Vector: TileVector>(_ value: Vector, at offset: Int) -> Vector {
    // The caller owns an output for every element of C.
    unsafe value.kept(wherePositive: Vector(at: output + offset))
  }
}

/// Back through the activation max(0, x) and the dropout behind it, whose output is laid out like C.
@unsafe struct ThroughDroppedRectifier: TileFinish {
  let output: UnsafePointer<Float>
  let scale: Float

  @inline(__always) func callAsFunction<Vector: TileVector>(_ value: Vector, at offset: Int) -> Vector {
    var scaled = Vector(repeating: 0)
    unsafe scaled.addProduct(value, Vector(repeating: scale))
    // The caller owns an output for every element of C.
    return unsafe scaled.kept(wherePositive: Vector(at: output + offset))
  }
}
