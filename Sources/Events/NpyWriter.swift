/// The first bytes of a `.npy` file (format 1.0) of an array in C order, up to where its values begin.
///
/// `shape` is the extent of each dimension, `descr` the type as numpy spells it (`<f4`, `<f8`). The values begin at a
/// multiple of 64 bytes, at 128 for one or two dimensions of any extent, so a file that grows keeps its place for the
/// header: write the header of the new shape over the old one.
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public func npyHeader(shape: [Int], descr: String) -> [UInt8] {
  precondition(shape.allSatisfy { $0 >= 0 }, "shape \(shape)")
  let extents = shape.map { "\($0)," }.joined(separator: " ")
  let dictionary = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(extents)), }"
  // Twenty bytes to spare: what the extent of one dimension can grow by. The last byte is a newline.
  let length = (10 + dictionary.utf8.count + 20 + 1 + 63) / 64 * 64
  let headerLength = UInt16(length - 10)
  var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
  bytes += [UInt8(truncatingIfNeeded: headerLength), UInt8(truncatingIfNeeded: headerLength >> 8)]
  bytes += Array(dictionary.utf8)
  bytes += [UInt8](repeating: UInt8(ascii: " "), count: length - bytes.count - 1)
  bytes.append(UInt8(ascii: "\n"))
  return bytes
}
