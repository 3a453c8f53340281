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
}
