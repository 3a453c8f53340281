import Events
import Formats
import Machine
import Testing
import TestSupport

@Suite struct EventMemoryTests {
  /// The bytes of an event in the store: 16 floats, class and identity; and twice what it is used for.
  private let inStore = 16 * 4.0 + 4 + 8 + 2

  private func memory(
    _ folder: TemporaryFolder, _ files: [[String]], layout: FileLayout = .eventsByRow, features: Int = 3,
    hasStore: Bool = true
  ) -> EventMemory {
    let processes = files.enumerated().map { ProcessFiles(name: "p\($0)", files: $1) }
    let names = (0..<features).map { "x\($0)" }
    return EventMemory(
      processes, directory: folder.path, EventRequest(layout: layout, features: names), hasStore: hasStore)
  }

  /// A file with this header and zeros behind it.
  private func npy(_ shape: [Int], _ descr: String = "<f4", size: Int = 4, missing: Int = 0) -> [UInt8] {
    npyHeader(shape: shape, descr: descr) + [UInt8](repeating: 0, count: shape.reduce(size, *) - missing)
  }

  @Test func headersGiveTheNumbers() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", npy([100, 3]))
    try folder.write("b.npy", npy([50, 3], "<f8", size: 8))
    let memory = memory(folder, [["a.npy"], ["b.npy"]])
    #expect(memory.events == 150 && memory.features == 3 && !memory.isEstimate)
    #expect(memory.bytes == 150 * inStore)
    #expect(self.memory(folder, [["a.npy"]], hasStore: false).bytes == 1200)
    try folder.write("c.npy", npy([3, 40]))
    let transposed = self.memory(folder, [["c.npy"]], layout: .featuresByRow, hasStore: false)
    #expect(transposed.events == 40 && transposed.bytes == 40 * 12)
  }

  /// The header may promise what the file does not have: then its reader refuses it, and not for its size.
  @Test func aFileThatIsCutOffCountsAsWhatItIs() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", npyHeader(shape: [1 << 40, 3], descr: "<f4") + [UInt8](repeating: 0, count: 120))
    #expect(memory(folder, [["a.npy"]]).events == 10)
    try folder.write("b.npy", npyHeader(shape: [.max, .max], descr: "<f8"))
    #expect(memory(folder, [["b.npy"]]).events == 0)
  }

  @Test(arguments: [FileLayout.eventsByRow, .featuresByRow])
  func textIsEstimated(_ layout: FileLayout) throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(state: 1)
    let (rows, columns) = layout == .eventsByRow ? (20000, 5) : (5, 20000)
    let text = (0..<rows).map { _ in
      (0..<columns).map { _ in "\(Float.random(in: -100...100, using: &generator))" }.joined(separator: " ") + "\n"
    }
    try folder.write("a.txt", "# x y z\n" + text.joined())
    // In files of a row for each event, one may have more columns than are taken.
    let memory = memory(folder, [["a.txt"]], layout: layout, features: layout == .eventsByRow ? 3 : 5)
    #expect(memory.isEstimate && memory.events > 19000 && memory.events < 21000, "\(memory)")
  }

  /// With names a line is an event, however many columns it has.
  @Test func linesWithNamesAreEvents() throws {
    let folder = try TemporaryFolder()
    let text = "x0,a,b,c,x1,d,x2\n" + (0..<5000).map { "\($0),text,,\"1,2\",1.5,nan,7\n" }.joined()
    try folder.write("a.csv", text)
    for layout in FileLayout.allCases {
      let memory = memory(folder, [["a.csv"]], layout: layout)
      #expect(memory.isEstimate && memory.events > 4500 && memory.events < 5500, "\(memory)")
      #expect(memory.bytes == memory.events * (12 + inStore))
    }
  }

  @Test func whatNoReaderTakesCountsAsNothing() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", "1 2 3\n")
    try folder.write("b.txt", [0x1F, 0x8B] + [UInt8](repeating: 0x20, count: 1000))
    try folder.write("c.npy", npyMagic)
    try folder.write("d.txt", "")
    #expect(memory(folder, [["a.npy", "b.txt"], ["c.npy", "d.txt", "missing.txt", "."]]).bytes == 0)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", npy([1_000_000, 3]))
    let memory = memory(folder, [["a.npy"]])
    func bounds(_ bytes: Double) -> MemoryBounds {
      MemoryBounds(
        HostMemory(physical: bytes) { _ in "" }, addressSpace: nil, data: nil, threads: 1, pageSize: 4096
      ) { _ in "" }
    }
    #expect(throws: Never.self) { try memory.require(bounds(78.1e6)) }
    #expect(throws: Failure.self) { try memory.require(bounds(78.1e6), perEvent: 1) }
    let failure = #expect(throws: Failure.self) { try memory.require(bounds(75e6)) }
    #expect(
      failure
        == Failure(
          .inputOutput,
          "the events (1,000,000 events × 3 features) need 78 MB of memory, and this host has 75 MB; ask for more memory, "
            + "or use fewer events or features"))
  }

  /// What is moved from its file to the store is not in memory twice; text is.
  @Test func theStoreIsAllOfIt() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", npy([1000, 20]))
    let layout = EventStore.Layout(events: 1000, features: 20)
    #expect(memory(folder, [["a.npy"]], features: 20).bytes == Double(layout.byteCount) + 2000)
  }

  /// Two more columns of weights in the store, and each once before it is there.
  @Test func weightsTakeMemory() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.npy", npy([1000, 3]))
    let request = EventRequest(layout: .eventsByRow, features: ["x", "y", "z"])
    let processes = [ProcessFiles(name: "a", files: ["a.npy"])]
    let plain = EventMemory(processes, directory: folder.path, request)
    #expect(EventMemory(processes, directory: folder.path, request, weightColumns: 2).bytes == plain.bytes + 1000 * 16)
  }
}
