/// The name of this host, up to the first dot. The corresponding C function is `gethostname`.
public func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return String(String(decoding: bytes, as: UTF8.self).prefix { $0 != "." })
}

/// The value of an environment variable of this process. The corresponding C function is `getenv`.
public func environmentVariable(_ name: String) -> String? {
  // Valid until the environment is changed, which only the main thread does, before MPI starts; copied at once.
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// The standard streams for output.
public enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes all of `text`; it is no error if the reader has gone away. The corresponding C function is `write`.
  public func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { unsafe systemWrite(rawValue, $0.baseAddress, $0.count) }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
