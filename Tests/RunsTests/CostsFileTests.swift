import Foundation
import Machine
import Runs
import Testing
import TestSupport

struct CostsFileTests {
  private let costs: [Double] = [1.5, -0.0, .infinity, 0.1, .leastNonzeroMagnitude, 1e300, 2]

  @Test func isWhatNumpyWrites() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      var file = try CostsFile(creatingAt: path)
      let script = """
        import io, sys, numpy
        values = numpy.load(sys.argv[1])
        assert values.dtype == '<f8' and values.ndim == 1, values
        copy = io.BytesIO()
        numpy.save(copy, values)
        assert copy.getvalue() == open(sys.argv[1], 'rb').read()
        print(*map(float.hex, values.tolist()))
        """
      #expect(try python(script, path) == "\n")
      try file.append(costs)
      try file.append([])
      try file.append([3])
      #expect(file.count == 8)
      let hexadecimal = "0x1.8000000000000p+0 -0x0.0p+0 inf 0x1.999999999999ap-4 0x0.0000000000001p-1022 "
      #expect(
        try python(script, path)
          == hexadecimal + "0x1.7e43c8800759cp+996 0x1.0000000000000p+1 0x1.8000000000000p+1\n")
      #expect(try CostsFile.read(path) == costs + [3])
    }
  }

  @Test func readsWhatNumpyWrote() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      _ = try python("import sys, numpy; numpy.save(sys.argv[1], numpy.arange(1000) / 8)", path)
      #expect(try CostsFile.read(path) == (0..<1000).map { Double($0) / 8 })
    }
  }

  @Test func isCutBackOnResume() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      var file = try CostsFile(creatingAt: path)
      try file.append(costs)
      for count in stride(from: costs.count, through: 0, by: -1) {
        file = try CostsFile(resumingAt: path, count: count)
        #expect(try CostsFile.read(path) == Array(costs.prefix(count)))
        #expect(try contents(path).count == 128 + 8 * count)
      }
      try file.append([7])
      #expect(try CostsFile.read(path) == [7])
      #expect(throws: FileError.self) { try CostsFile(resumingAt: path, count: 2) }
      #expect(try CostsFile.read(path) == [7])
    }
  }

  /// A crash between numbers and header, or in the middle of the numbers, leaves the header of the older file.
  @Test(arguments: [1, 8, 20])
  func isWholeAfterACrash(extra: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      var file = try CostsFile(creatingAt: path)
      try file.append(costs)
      try put(contents(path) + [UInt8](repeating: 9, count: extra), path)
      #expect(try CostsFile.read(path) == costs)
      #expect(try python("import sys, numpy; print(len(numpy.load(sys.argv[1])))", path) == "7\n")
      file = try CostsFile(resumingAt: path, count: costs.count)
      #expect(try contents(path).count == 128 + 8 * costs.count)
      try file.append([1])
      #expect(try CostsFile.read(path) == costs + [1])
    }
  }

  @Test func keepsItsCostsWhenTheDiskIsFull() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      var file = try CostsFile(creatingAt: path)
      try file.append(costs)
      let limit = 64 << 20
      let tooMany = [Double](repeating: 1, count: limit / 8)
      try withFileSizeLimit(limit) {
        #expect(throws: FileError.system(.write, path: path, errno: EFBIG)) { try file.append(tooMany) }
      }
      #expect(file.count == costs.count)
      #expect(try CostsFile.read(path) == costs)
      #expect(try contents(path).count == 128 + 8 * costs.count)
      try file.append([1])
      #expect(try CostsFile.read(path) == costs + [1])
    }
  }

  @Test func refusesWhatItDidNotWrite() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      #expect(throws: FileError.system(.write, path: path, errno: ENOENT)) { try CostsFile(resumingAt: path, count: 0) }
      var file = try CostsFile(creatingAt: path)
      try file.append(costs)
      let whole = try contents(path)
      for cut in 0..<whole.count {
        try put(Array(whole[..<cut]), path)
        #expect(throws: FileError.self, "cut at \(cut)") { try CostsFile.read(path) }
        #expect(throws: FileError.self) { try CostsFile(resumingAt: path, count: 7) }
        #expect(throws: FileError.self) { try file.append([1]) }
        #expect(try contents(path) == Array(whole[..<cut]))
      }
      for place in 0..<128 {
        for bit in 0..<8 {
          var bytes = whole
          bytes[place] ^= 1 << UInt8(bit)
          try put(bytes, path)
          // A flip may make the length another one, but never one that the file has no room for.
          let read = try? CostsFile.read(path)
          #expect(read == nil || (read != costs && read == Array(costs.prefix(read?.count ?? 0))))
        }
      }
      for count in ["-1", "9223372036854775807", "18446744073709551616"] {
        var bytes = whole
        let start = 10 + "{'descr': '<f8', 'fortran_order': False, 'shape': ".utf8.count
        let text = Array("(\(count),), }".utf8)
        bytes.replaceSubrange(start..<(start + text.count), with: text)
        try put(bytes, path)
        #expect(throws: FileError.self, "a length of \(count)") { try CostsFile.read(path) }
      }
      _ = try python("import sys, numpy; numpy.save(sys.argv[1], numpy.zeros(5, '<f4'))", path)
      let error = try #require(throws: FileError.self) { try CostsFile.read(path) }
      #expect(error.exitCode == .badData)
      #expect("\(error)".contains("not a costs.npy of dist-train"))
    }
  }

  @Test func refusesToFollowASecondWriter() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/costs.npy"
      var first = try CostsFile(creatingAt: path)
      var second = first
      try first.append([1])
      #expect(throws: FileError.self) { try second.append([2]) }
      #expect(try CostsFile.read(path) == [1])
    }
  }
}
