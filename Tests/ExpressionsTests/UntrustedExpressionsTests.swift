import FuzzReaders
import Testing

@Suite struct UntrustedExpressionsTests {
  /// Whatever the text, it is computed or refused in one line.
  @Test func knownExpressionsAndThousandsLikeThem() throws {
    let (accepted, refused) = try FuzzReader.expression.checkKnownFiles(mutations: 2500)
    #expect(accepted > 20 && refused > 20, "\(accepted) accepted, \(refused) refused")
  }
}
