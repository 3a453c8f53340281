import CZlib
import Machine

/// Unpacks what zlib packed, piece by piece, by `inflate`.
///
/// The class is `@safe`, as it alone has the pointer: zlib keeps where the stream is, which stays there from `init` to `deinit`, and the
/// pointers in it are valid for each call only.
@safe public final class Inflater {
  /// How the packed bytes are framed.
  public enum Form: Sendable {
    /// A gzip file, with a check sum (RFC 1952).
    case gzip
    /// Nothing around them (RFC 1951), as in a zip archive.
    case raw
  }

  /// The result of a call.
  public struct Progress: Sendable {
    /// The bytes that were taken from the input, and those that were put into the output.
    public var taken: Int
    public var given: Int
    /// Whether the packed bytes have ended, and what they say of themselves is right.
    public var isAtEnd: Bool
  }

  /// How many bytes a packed byte can hold at most: two bits say that 258 bytes come again.
  public static let largestRatio = 1032

  private let stream: UnsafeMutablePointer<z_stream>

  public init(_ form: Form) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 more for the frame of gzip.
    let code = unsafe czlib_inflate_init(stream, form == .gzip ? 31 : -15)
    precondition(code == Z_OK, "zlib gives \(code)")
  }

  deinit {
    // It frees what `init` got, whatever was read.
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Begins anew. The corresponding C function is `inflateReset`.
  public func reset() { _ = unsafe inflateReset(stream) }

  /// Unpacks bytes of `input` into `output`, from place `start` on, as far as one of them reaches. The corresponding C function is `inflate`.
  /// - Throws: if the bytes are not what the form says, or a check sum is wrong.
  public func inflate(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, from start: Int
  ) throws(FormatError) -> Progress {
    precondition(start >= 0 && start <= output.count)
    let (inputCount, outputCount) = (min(input.count, 1 << 30), min(output.count - start, 1 << 30))
    // SAFETY: zlib reads and writes no more bytes than it is told of here, which are there, and only during the call.
    let code = unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(inputCount)
        unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + start }
        unsafe stream.pointee.avail_out = UInt32(outputCount)
        let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
        return code
      }
    }
    // A buffer error means that there was no room or no input, which is no fault.
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      precondition(code != Z_MEM_ERROR, "not enough memory to unpack a file")
      throw FormatError(
        what: "damaged compressed data", advice: "write or copy the file again")
    }
    return unsafe Progress(
      taken: inputCount - Int(stream.pointee.avail_in), given: outputCount - Int(stream.pointee.avail_out),
      isAtEnd: code == Z_STREAM_END)
  }
}

/// The CRC-32 of bytes that follow those with the CRC-32 `start`. The corresponding C function is `crc32`.
public func crc32(_ bytes: Span<UInt8>, from start: UInt32 = 0) -> UInt32 {
  var (crc, done) = (UInt(start), 0)
  while done < bytes.count {
    let part = bytes.extracting(done..<min(done + 1 << 30, bytes.count))
    // SAFETY: the bytes are there during the call.
    crc = unsafe part.withUnsafeBufferPointer { unsafe CZlib.crc32(crc, $0.baseAddress, UInt32($0.count)) }
    done += part.count
  }
  return UInt32(truncatingIfNeeded: crc)
}

/// The CRC-32 of bytes with the CRC-32 `first` that others follow, `count` of them with the CRC-32 `second`. The corresponding C function
/// is `crc32_combine`.
public func crc32(_ first: UInt32, followedBy second: UInt32, ofBytes count: Int) -> UInt32 {
  UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), count))
}
