import Testing

@Suite struct StopRequestTests {
  @Test(arguments: ["USR1", "TERM", "INT"])
  func signalsAreWishes(_ name: String) throws {
    let end = try ProbeTests().run(ProbeTests().probe(), ["signal", name])
    #expect(end.code == 0 && end.output == "probe: SIG\(name)\n", "\(end)")
  }

  @Test func aSecondInterruptIsTheEnd() throws {
    let end = try ProbeTests().run(ProbeTests().probe(), ["signal", "INT", "INT"])
    #expect(end.code != 0 && end.output.isEmpty, "\(end)")
  }

  @Test func timeRunsOut() throws {
    let end = try ProbeTests().run(ProbeTests().probe(), ["patience", "1"])
    #expect(end.code == 0 && end.output == "probe: --max-seconds\n", "\(end)")
  }
}
