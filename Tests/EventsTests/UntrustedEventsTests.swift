import FuzzReaders
import Testing

@Suite struct UntrustedEventsTests {
  /// Whatever the bytes, they are read right or refused with a `DataError`.
  @Test(arguments: [FuzzReader.text, .npy])
  func knownFilesAndThousandsLikeThem(_ reader: FuzzReader) throws {
    let (accepted, refused) = try reader.checkKnownFiles(mutations: 6000)
    // The mutations are neither all fatal nor all harmless.
    #expect(accepted > 50 && refused > 50, "\(accepted) accepted, \(refused) refused")
  }
}
