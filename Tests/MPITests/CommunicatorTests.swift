import MPI
import Testing

/// One rank alone; several ranks are in ``ProbeTests``.
@Suite struct CommunicatorTests {
  @Test func aloneEveryCollectiveIsTheIdentity() throws {
    let solo = Communicator.solo()
    #expect(solo.rank == 0 && solo.size == 1 && solo.isRoot)
    var values = [1.5, -2]
    var span = values.mutableSpan
    try solo.sumInPlace(&span)
    #expect(values == [1.5, -2])
    var bytes: [UInt8] = [1, 2, 3]
    try solo.broadcast(&bytes, from: 0)
    #expect(bytes == [1, 2, 3])
    #expect(try solo.allGather([9]) == [[9]])
    try solo.barrier()
  }

  @Test func aloneSumsAreTheValues() throws {
    let solo = Communicator.solo()
    var sum = try solo.makeSum(byteCount: 16)
    var values = [1.5, -2]
    var span = values.mutableSpan
    try sum.sumInPlace(&span, solo)
    var floats: [Float] = [1.5, -2]
    var floatSpan = floats.mutableSpan
    try sum.sumInPlace(&floatSpan, solo)
    #expect(values == [1.5, -2] && floats == [1.5, -2])
  }

  @Test func aloneMemoryIsSharedWithNobody() throws {
    let solo = Communicator.solo()
    #expect(try solo.splitByHost().size == 1 && solo.split(color: 3).size == 1)
    for count in [0, 1, 1000] {
      let memory = try solo.share(byteCount: count * 4) { contents in
        contents.withMutableSpan(of: Float.self, at: 0, count: count) { numbers in
          for index in numbers.indices { numbers[index] = Float(index) }
        }
      }
      let numbers = memory.withSpan(of: Float.self, at: 0, count: count) { span in span.indices.map { span[$0] } }
      #expect(memory.byteCount == count * 4 && numbers == (0..<count).map { Float($0) })
    }
  }

  /// Small memory and memory in huge pages.
  @Test(arguments: [24, 1 << 21]) func memoryHoldsNumbersOfSeveralTypes(_ byteCount: Int) {
    let memory = SharedMemory(byteCount: byteCount) { contents in
      #expect(contents.byteCount == byteCount)
      contents.withMutableSpan(of: UInt8.self, at: 0, count: byteCount) { bytes in
        for index in bytes.indices { bytes[index] = 0 }
      }
      contents.withMutableSpan(of: Float.self, at: 4, count: 2) { ($0[0], $0[1]) = (1.5, -2) }
      contents.withMutableSpan(of: UInt64.self, at: byteCount - 8, count: 1) { $0[0] = 1 << 63 + 1 }
    }
    #expect(memory.withSpan(of: Float.self, at: 0, count: 3) { [$0[0], $0[1], $0[2]] } == [0, 1.5, -2])
    #expect(memory.withSpan(of: UInt64.self, at: byteCount - 8, count: 1) { $0[0] } == UInt64(1) << 63 + 1)
    #expect(memory.withSpan(of: UInt8.self, at: byteCount, count: 0) { $0.count } == 0)
  }

  #if os(Linux)
    @Test func nothingBeyondTheMemoryIsRead() async {
      await #expect(processExitsWith: .failure) {
        SharedMemory(byteCount: 16) { _ in }.withSpan(of: Float.self, at: 8, count: 3) { _ in }
      }
      await #expect(processExitsWith: .failure) {
        SharedMemory(byteCount: 16) { _ in }.withSpan(of: UInt64.self, at: 4, count: 1) { _ in }
      }
      await #expect(processExitsWith: .failure) {
        SharedMemory(byteCount: 16) { _ in }.withSpan(of: Float.self, at: -4, count: 1) { _ in }
      }
    }
  #endif
}
