import Testing

@Suite struct StopRequestTests {
  @Test(arguments: ["USR1", "TERM", "INT", "HUP"])
  func signalsAreWishes(_ name: String) throws {
    let end = try ProbeTests().run(ProbeTests().probe(), ["signal", name])
    #expect(end.code == 0 && end.output == "probe: SIG\(name)\n", "\(end)")
  }

  @Test func aSecondInterruptIsTheEnd() throws {
    let end = try ProbeTests().run(ProbeTests().probe(), ["signal", "INT", "INT"])
    #expect(end.code != 0 && end.output.isEmpty, "\(end)")
  }

  @Test func underNohupAHangUpIsNoWish() throws {
    let end = try ProbeTests().run("/usr/bin/nohup", [ProbeTests().probe(), "signal", "HUP"])
    #expect(end.code == 0 && end.output.hasSuffix("probe: no wish\n"), "\(end)")
  }

  @Test func timeRunsOut() throws {
    let end = try ProbeTests().run(ProbeTests().probe(), ["patience", "1"])
    #expect(end.code == 0 && end.output == "probe: the time limit\n", "\(end)")
  }
}
