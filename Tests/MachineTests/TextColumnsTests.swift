import Machine
import Testing

@Suite struct TextColumnsTests {
  @Test func wideCharactersTakeTwoColumns() {
    #expect("signal".columns == 6 && "".columns == 0 && "µ → e γ".columns == 7)
    #expect("信号".columns == 4 && "ヒッグス".columns == 8 && "신호".columns == 4 && "🎲".columns == 2)
    // An accent of its own, and one that is part of the character.
    #expect("e\u{301}".columns == 1 && "é".columns == 1 && "\u{200B}".columns == 0)
  }

  @Test func columnsAreFilledToTheirWidth() {
    #expect(padded("信号", 6) == "信号  " && aligned("信号", 6) == "  信号")
    #expect(padded("abc", 2) == "abc" && aligned("abc", 2) == "abc")
  }

  @Test func longNamesKeepBothEnds() {
    #expect("abc".abridged(toColumns: 3) == "abc")
    #expect("signal_region_2018".abridged(toColumns: 10) == "signal…018")
    #expect("ab".abridged(toColumns: 1) == "…")
    for width in 1...20 {
      for name in ["signal_region_with_a_long_name", "信号領域の長い名前です", "ab信号cd信号ef信号"] {
        #expect(name.abridged(toColumns: width).columns <= width, "\(name) \(width)")
      }
    }
  }
}
