import Numerics
import Testing

@Suite struct ExactScalarTests {
  static func total(_ values: [Double]) -> Double {
    var limbs = [Double](repeating: 0, count: ExactScalar.limbs)
    for value in values { unsafe ExactScalar.add(value, to: &limbs) }
    return unsafe ExactScalar.total(limbs)
  }

  @Test(arguments: [0, 1, -1, 0.1, 1e-19, 7e7, -3.5e38, 0x1p100, 0x1.fffffffffffffp158, 0x1p31, 0x1p31 - 1])
  func aSingleValueComesBack(_ value: Double) {
    // Rounded to 2⁻⁶⁴, which only the small ones notice.
    #expect(abs(Self.total([value]) - value) <= 0x1p-65)
  }

  @Test func hugeTermsThatCancelLeaveTheSmallOne() {
    #expect(Self.total([0x1p120, 0.125, -0x1p120]) == 0.125)
    #expect(Self.total([1e30, 1e-5, 1e15, -1e30, -1e15]) == Self.total([1e-5]))
  }

  @Test func theOrderOfAddingDoesNotMatter() {
    let random = CounterRandom(seed: 3, stream: 1)
    let values = (0..<1000).map { (random.uniform(UInt64($0)) - 0.5) * (($0 % 7 == 0) ? 1e12 : 1e-3) }
    #expect(Self.total(values).bitPattern == Self.total(values.reversed()).bitPattern)
    #expect(Self.total(values).bitPattern == Self.total(values.sorted()).bitPattern)
  }
}
