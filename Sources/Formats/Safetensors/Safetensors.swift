import FoundationEssentials
public import Machine

/// The content of a safetensors file: named tensors and text about them.
///
/// The format (https://huggingface.co/docs/safetensors): the size *n* of the header in 8 bytes, little-endian;
/// *n* bytes of JSON; the values of all tensors without a gap, little-endian. Two digests in the metadata, written
/// and verified here and seen nowhere else, tell a damaged file from a whole one:
///
/// - `data_sha256`: SHA-256 of everything after the header;
/// - `header_sha256`: SHA-256 of the *n* bytes of the header, with these 64 digits themselves taken as zeros.
public struct Safetensors: Equatable, Sendable {
  /// Text by key; without the digests.
  public var metadata: [String: String]
  /// The tensors, in the order of their values in the file.
  public var tensors: [Tensor]

  /// Tensors and text that are not in a file yet.
  public init(metadata: [String: String] = [:], tensors: [Tensor]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  private static let headerDigestKey = "header_sha256"
  private static let dataDigestKey = "data_sha256"
  private static let digestLength = 64
  /// The position of the digest in our own headers: its key comes first.
  private static let headerDigestOffset = #"{"__metadata__":{"header_sha256":""#.utf8.count
}

// MARK: - Writing

extension Safetensors {
  /// The file as bytes: the same for the same content. The values start at a multiple of 64 bytes.
  ///
  /// - Precondition: names differ and are not `__metadata__`; each tensor has as many values as its shape says.
  public func encoded() -> [UInt8] {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
    var data: [UInt8] = []
    data.reserveCapacity(tensors.reduce(0) { $0 + 8 * $1.values.count })
    var entries: [SafetensorsHeader.Entry] = []
    for tensor in tensors {
      precondition(tensor.name != SafetensorsHeader.metadataKey, "a tensor has the name of the metadata")
      precondition(tensor.shape.reduce(1, *) == tensor.values.count, "\(tensor.name) does not fill its shape")
      let begin = data.count
      let type: String
      switch tensor.values {
      case .float32(let values):
        type = "F32"
        data.append(bytesOf: values)
      case .float64(let values):
        type = "F64"
        data.append(bytesOf: values)
      }
      entries.append(.init(name: tensor.name, type: type, shape: tensor.shape, offsets: [begin, data.count]))
    }
    let digests = [
      (key: Self.headerDigestKey, value: String(repeating: "0", count: Self.digestLength)),
      (key: Self.dataDigestKey, value: SHA256.hexDigest(of: data.span)),
    ]
    let texts = Self.withoutDigests(metadata).sorted { $0.key < $1.key }

    var text = SafetensorsHeader.encoded(metadata: digests + texts, entries: entries)
    text += repeatElement(UInt8(ascii: " "), count: (64 - (8 + text.count) % 64) % 64)
    let digits = Self.headerDigestOffset..<(Self.headerDigestOffset + Self.digestLength)
    text.replaceSubrange(digits, with: SHA256.hexDigest(of: text.span).utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + data.count)
    bytes.append(bytesOf: [UInt64(text.count)])
    bytes += text
    bytes += data
    return bytes
  }

  /// The digests belong to the file, not to its content.
  private static func withoutDigests(_ metadata: [String: String]) -> [String: String] {
    metadata.filter { $0.key != headerDigestKey && $0.key != dataDigestKey }
  }
}

// MARK: - Reading

extension Safetensors {
  /// Reads the `bytes` of an untrusted file: every size in it is checked before it is used.
  ///
  /// Only `F32` and `F64` tensors are read. Digests are verified where they are present.
  ///
  /// - Parameter path: the file, for the message of an error.
  public init(decoding bytes: [UInt8], path: String) throws(FileError) {
    do throws(Damage) {
      try self.init(bytes)
    } catch {
      throw .content(path: path, problem: "not a usable safetensors file: \(error.problem)", advice: error.advice)
    }
  }

  private struct Damage: Error {
    let problem: String
    var advice = "use another checkpoint or copy the file again"
  }

  private init(_ bytes: [UInt8]) throws(Damage) {
    guard bytes.count >= 8 else { throw Damage(problem: "it has \(bytes.count) bytes") }
    let headerSize = bytes[0..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    // The limit of the reference implementation.
    guard headerSize <= 100_000_000 else { throw Damage(problem: "a header of \(headerSize) bytes") }
    guard headerSize <= UInt64(bytes.count - 8) else {
      throw Damage(problem: "cut off: a header of \(headerSize) bytes in a file of \(bytes.count)")
    }
    let data = bytes[(8 + Int(headerSize))...]
    let text = bytes[8..<data.startIndex]
    let header: SafetensorsHeader
    do { header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(text)) } catch {
      throw Damage(problem: "the header is not JSON of the safetensors format")
    }
    try Self.verify(header.metadata, header: text, data: data)

    // The values of all tensors must follow one another without a gap or an overlap, to the end of the file: where two
    // tensors had one name, one of them is missing.
    var end = 0
    var tensors: [Tensor] = []
    for entry in header.entries.sorted(by: { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }) {
      guard entry.begin == end, entry.end >= end else {
        throw Damage(problem: "tensor \(entry.name.literal) has bytes \(entry.begin)..<\(entry.end), not \(end)..<")
      }
      guard entry.end <= data.count else {
        throw Damage(
          problem: "cut off: tensor \(entry.name.literal) ends at byte \(entry.end) of \(data.count)")
      }
      end = entry.end
      tensors.append(try Self.tensor(entry, data[(data.startIndex + entry.begin)..<(data.startIndex + end)]))
    }
    guard end == data.count else { throw Damage(problem: "\(data.count - end) bytes after the values") }
    self.init(metadata: Self.withoutDigests(header.metadata), tensors: tensors)
  }

  private static func tensor(_ entry: SafetensorsHeader.Entry, _ data: ArraySlice<UInt8>) throws(Damage) -> Tensor {
    let size: Int
    switch entry.type {
    case "F32": size = 4
    case "F64": size = 8
    default:
      throw Damage(
        problem: "tensor \(entry.name.literal) is of type \(entry.type.literal)", advice: "save it as F32 or F64")
    }
    var product: Int? = size
    for extent in entry.shape {
      product = product.flatMap {
        let (partial, overflow) = $0.multipliedReportingOverflow(by: extent)
        return overflow || extent < 0 ? nil : partial
      }
    }
    guard product == data.count else {
      throw Damage(problem: "\(data.count) bytes do not fill the shape of tensor \(entry.name.literal)")
    }
    let values: Tensor.Values = size == 4 ? .float32(.init(littleEndian: data)) : .float64(.init(littleEndian: data))
    return Tensor(name: entry.name, shape: entry.shape, values: values)
  }

  private static func verify(
    _ metadata: [String: String], header: ArraySlice<UInt8>, data: ArraySlice<UInt8>
  ) throws(Damage) {
    let advice = "use another checkpoint; if the file was changed on purpose, remove both digests from its metadata"
    if let digest = metadata[headerDigestKey] {
      var header = Array(header)
      let digits = headerDigestOffset..<(headerDigestOffset + digestLength)
      // A header that another program has written has its digest elsewhere, and cannot be the one digested.
      guard header.count >= digits.upperBound, header[digits].elementsEqual(digest.utf8) else {
        throw Damage(problem: "the header is not as it was written", advice: advice)
      }
      header.replaceSubrange(digits, with: repeatElement(UInt8(ascii: "0"), count: digestLength))
      guard SHA256.hexDigest(of: header.span) == digest else {
        throw Damage(problem: "the header is not as it was written", advice: advice)
      }
    }
    if let digest = metadata[dataDigestKey], SHA256.hexDigest(of: data.span) != digest {
      throw Damage(problem: "the values are not those that were written", advice: advice)
    }
  }
}
