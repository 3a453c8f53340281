import Machine
import Testing

@Suite struct StreamSafeTextTests {
  @Test func `thirty marks in a row are safe, one more is not`() {
    let marks = String(repeating: "\u{301}\u{323}\u{5B0}", count: 10)
    #expect("".isStreamSafe && "signal".isStreamSafe && "日本é".isStreamSafe)
    #expect(("e" + marks).isStreamSafe && (marks + "e" + marks).isStreamSafe)
    #expect(!("e" + marks + "\u{301}").isStreamSafe && !("a\u{300}" + marks).isStreamSafe)
    // Emoji joined by zero-width joiners are one character without marks.
    #expect(String(repeating: "👩\u{200D}", count: 100).isStreamSafe)
  }
}
