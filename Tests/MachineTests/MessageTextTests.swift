import Machine
import Testing

@Suite struct MessageTextTests {
  @Test func longTextsAreAbridged() {
    let sixty = String(repeating: "a", count: 60)
    #expect(sixty.abridged() == sixty && (sixty + "b").abridged() == sixty + "…")
    #expect("abc".abridged(to: 2) == "ab…" && "ab".abridged(to: 2) == "ab" && "".abridged(to: 0) == "")
    // One character of a million scalars is cut too.
    let one = "e" + String(repeating: "\u{301}", count: 1_000_000)
    try? #require(one.count == 1)
    #expect(one.abridged().unicodeScalars.count == 61)
  }

  @Test func quotesAreAroundWhatIsCut() {
    #expect("x".quoted == "'x'" && "".quoted == "''")
    #expect(String(repeating: "a", count: 61).quoted == "'\(String(repeating: "a", count: 60))…'")
  }

  @Test func literalsHaveNoLineBreaks() {
    #expect("a\"b".literal == #""a\"b""# && "a\nb".literal == #""a\nb""#)
    #expect("\u{85}".literal == #""\u{0085}""# && !"\u{9B}2J".literal.unicodeScalars.contains("\u{9B}"))
    #expect(String(repeating: "a", count: 61).literal == "\"\(String(repeating: "a", count: 60))\"…")
  }

  @Test func nothingBreaksALine() {
    #expect("µ é “x”".onOneLine == "µ é “x”")
    #expect("a\nb".onOneLine == #"a\nb"#)
    #expect("a\u{1B}[2J".onOneLine == #"a\u{1B}[2J"#)
    for scalar: Unicode.Scalar in [
      "\n", "\r", "\t", "\0", "\u{7F}", "\u{85}", "\u{200E}", "\u{2028}", "\u{2029}", "\u{FEFF}",
    ] {
      #expect(scalar.isInvisible)
      #expect(!"a\(scalar)b".onOneLine.unicodeScalars.contains(scalar))
    }
    for scalar: Unicode.Scalar in ["a", " ", "é", "…", "\u{A0}"] { #expect(!scalar.isInvisible) }
  }

  @Test func bytesAreHexadecimal() {
    #expect(([0, 9, 10, 127, 128, 255] as [UInt8]).hexadecimal == "00090a7f80ff" && [UInt8]().hexadecimal == "")
  }

  @Test func alternativesAreJoinedAsInASentence() {
    #expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(\.alternatives) == ["", "a", "a or b", "a, b or c"])
  }

  @Test func nounsAreCounted() {
    #expect([0, 1, 2].map { counted($0, "block") } == ["0 blocks", "1 block", "2 blocks"])
  }

  @Test func numbersHaveSoManyDecimals() {
    #expect(decimals(1.25, 1) == "1.3" && decimals(-1.25, 1) == "-1.3" && decimals(0.04, 1) == "0.0")
    #expect(decimals(-0.04, 1) == "0.0", "no minus before a zero")
    #expect(decimals(2.5, 0) == "3" && decimals(0.0123, 4) == "0.0123" && decimals(0.99996, 4) == "1.0000")
    #expect(decimals(12.003, 3) == "12.003" && decimals(999_999_999.4, 0) == "999999999")
    #expect(decimals(1e9, 2) == "1000000000.0" && decimals(-1e20, 2) == "-1e+20")
    #expect(decimals(.nan, 2) == "nan" && decimals(.infinity, 2) == "inf" && decimals(-.infinity, 2) == "-inf")
  }

  @Test func durationsAreAsAPersonSaysThem() {
    #expect(duration(0) == "0 s" && duration(59.4) == "59 s" && duration(59.5) == "1 min 0 s")
    #expect(duration(200) == "3 min 20 s" && duration(3599.4) == "59 min 59 s")
    #expect(duration(3600) == "1 h 0 min" && duration(100_000) == "27 h 46 min")
    #expect(duration(.infinity) == "?" && duration(.nan) == "?" && duration(1e9) == "?")
  }

  @Test func thousandsAreGrouped() {
    let numbers = [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, -1, -999, -1000, -1_234_567]
    let texts = ["0", "7", "999", "1,000", "12,345", "999,999", "1,000,000", "-1", "-999", "-1,000", "-1,234,567"]
    #expect(numbers.map(grouped) == texts)
    #expect(grouped(.min) == "-9,223,372,036,854,775,808" && grouped(.max) == "9,223,372,036,854,775,807")
  }

  @Test func columnsAreFilled() {
    #expect(padded("ab", 4) == "ab  " && padded("abcd", 3) == "abcd")
    #expect(aligned("ab", 4) == "  ab" && aligned("abcd", 3) == "abcd")
    #expect(padded(zeros: 4, "7") == "0007" && padded(zeros: 4, "12345") == "12345")
  }

  @Test func shellsTakeItForOneWord() {
    #expect("runs/a-1_b.c".quotedForShell == "runs/a-1_b.c" && "läufe".quotedForShell == "läufe")
    #expect(
      "my runs/r".quotedForShell == "'my runs/r'" && "".quotedForShell == "''" && "a'b".quotedForShell == #"'a'\''b'"#)
  }
}
