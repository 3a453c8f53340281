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
      let memory = try solo.share(count: count) { numbers in
        for index in numbers.indices { numbers[index] = Float(index) }
      }
      let numbers = memory.withSpan { span in span.indices.map { span[$0] } }
      #expect(memory.count == count && numbers == (0..<count).map { Float($0) })
    }
  }
}
