import MPI
import Testing

@Suite struct MemoryShortageTests {
  @Test func roomThatSufficesIsNoShortage() {
    #expect(MemoryShortage(needed: 100, free: 100, folder: "/dev/shm", host: "node1", ranks: 8) == nil)
    #expect(MemoryShortage(needed: 0, free: 0, folder: "/dev/shm", host: "node1", ranks: 2) == nil)
  }

  @Test func tooLittleRoomIsToldInOneLine() {
    let shortage = MemoryShortage(
      needed: 681_000_000, free: 67_108_864, folder: "/dev/shm", host: "node1", ranks: 8)
    #expect(
      shortage?.description
        == "node1: 8 ranks need 681 MB of shared memory in /dev/shm, where 67 MB are free; make room, name another "
        + "folder with mpirun --mca osc_sm_backing_directory FOLDER, or start one rank per host with more --threads")
  }
}
