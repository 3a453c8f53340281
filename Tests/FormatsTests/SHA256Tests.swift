import Formats
import Foundation
import Testing
import TestSupport

struct SHA256Tests {
  /// The examples of NIST (FIPS 180-2, appendix B, and the example values of its cryptographic toolkit).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func givesTheDigestsOfTheStandard(message: String, digest: String) {
    let bytes = Array(message.utf8)
    #expect(SHA256.hexDigest(of: bytes.span) == digest)
  }

  @Test func givesTheDigestOfAMillionLetters() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    let digest = SHA256.hexDigest(of: bytes.span)
    #expect(digest == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func doesNotDependOnTheCuts() {
    let bytes = (0..<200).map { UInt8($0) }
    var whole = SHA256()
    whole.update(bytes.span)
    let digest = whole.finalize()
    for first in 0...bytes.count {
      for second in stride(from: first, through: bytes.count, by: 7) {
        var pieces = SHA256()
        pieces.update(bytes.span.extracting(..<first))
        pieces.update(bytes.span.extracting(first..<second))
        pieces.update(bytes.span.extracting(second...))
        #expect(pieces.finalize() == digest, "cut at \(first) and \(second)")
      }
    }
  }

  @Test func agreesWithPythonAtEveryLength() throws {
    let script = """
      import hashlib
      for n in range(300): print(hashlib.sha256(bytes((i * i + n) % 251 for i in range(n))).hexdigest())
      """
    let expected = try python(script).split(separator: "\n").map(String.init)
    let digests = (0..<300).map { length in
      let bytes = (0..<length).map { UInt8(($0 * $0 + length) % 251) }
      return SHA256.hexDigest(of: bytes.span)
    }
    #expect(digests == expected)
  }
}
