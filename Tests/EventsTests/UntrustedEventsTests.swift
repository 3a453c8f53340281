import FuzzReaders
import Testing

@Suite struct UntrustedEventsTests {
  /// Whatever the bytes, they are read right or refused with a `DataError`.
  @Test(arguments: [FuzzReader.text, .npy, .gzip, .npz])
  func knownFilesAndThousandsLikeThem(_ reader: FuzzReader) throws {
    let (accepted, refused) = try reader.checkKnownFiles(mutations: 2500)
    // The mutations are neither all fatal nor all harmless.
    #expect(accepted > 20 && refused > 20, "\(accepted) accepted, \(refused) refused")
  }
}
