import FuzzReaders
import Machine
import Runs
import Testing
import TestSupport

@Suite struct UntrustedFilesTests {
  /// Whatever the bytes, they are read right or refused with the reader's error.
  @Test(arguments: [FuzzReader.safetensors, .checkpoint, .resume, .runFile])
  func knownFilesAndThousandsLikeThem(_ reader: FuzzReader) throws {
    let (accepted, refused) = try reader.checkKnownFiles(mutations: 2500)
    // The mutations are neither all fatal nor all harmless.
    #expect(accepted > 20 && refused > 20, "\(accepted) accepted, \(refused) refused")
  }

  @Test func aPipeIsNotWaitedFor() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/pipe"
      try #require(unsafe mkfifo(path, 0o600) == 0)  // It reads its string and keeps nothing.
      #expect(try FileSystem.read(path) == [])
      #expect(throws: FileError.self) { try CostsFile.read(path) }
      #expect(throws: FileError.self) { try HistoryFile.read(path) }
    }
  }
}
