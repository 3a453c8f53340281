import Foundation
import Machine
import Testing

@Suite struct ProcessIdentityTests {
  private let mine = ProcessIdentity.current

  /// The same with something else.
  private func other(process: Int32? = nil, start: UInt64? = nil, boot: String? = nil) throws -> ProcessIdentity {
    var fields = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(mine)) as? [String: Any])
    if let process { fields["process"] = process }
    if let start { fields["start"] = start }
    if let boot { fields["boot"] = boot }
    return try JSONDecoder().decode(ProcessIdentity.self, from: JSONSerialization.data(withJSONObject: fields))
  }

  @Test func thisProcessExists() throws {
    #expect(mine.process == getpid() && mine.exists == true)
    #expect(try other() == mine)
  }

  @Test func aNumberThatWasGivenAgainIsAnotherProcess() throws {
    #expect(try other(start: (mine.start ?? 0) + 1).exists == false)
    // A parent is another process and exists.
    #expect(try other(process: getppid()) != mine)
  }

  @Test func aProcessThatEndedIsGone() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/true")
    try child.run()
    child.waitUntilExit()
    #expect(try other(process: child.processIdentifier).exists == false)
  }

  @Test func ofAnotherMachineNothingIsKnown() throws {
    #expect(try other(boot: "another").exists == nil)
    #expect(try other(process: 1, boot: "another").exists == nil)
  }
}
