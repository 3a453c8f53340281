import Formats
import Testing

@Suite struct NpyHeaderTests {
  @Test func theHeaderOfFormatOne() {
    let header = npyHeader(shape: [7], descr: "<f8")
    let dictionary = "{'descr': '<f8', 'fortran_order': False, 'shape': (7,), }"
    #expect(header.prefix(10) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
    #expect(header.dropFirst(10).prefix(dictionary.utf8.count) == ArraySlice(dictionary.utf8))
    #expect(header.dropFirst(10 + dictionary.utf8.count).dropLast().allSatisfy { $0 == 0x20 })
    #expect(header.last == 0x0A)
  }

  @Test func aGrowingFileKeepsItsHeaderLength() {
    for shape in [[], [0], [1], [Int.max], [0, 1], [1 << 40, 1000]] {
      #expect(npyHeader(shape: shape, descr: "<f4").count == 128, "\(shape)")
    }
    let many = npyHeader(shape: Array(repeating: 1000, count: 20), descr: "<f4").count
    #expect(many > 128 && many.isMultiple(of: 64))
  }
}
