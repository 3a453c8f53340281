/// Paths as text. `..` stays: behind a symbolic link it cannot be resolved by looking at the text.
public enum Path {
  /// The absolute path of the folder that holds `file`.
  public static func folder(of file: String) -> String {
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    return absolute(folder, in: FileSystem.workingDirectory)
  }

  /// `path`, which is relative to `folder` unless it starts with a slash; without `.` and surplus slashes.
  public static func absolute(_ path: String, in folder: String) -> String {
    let full = path.hasPrefix("/") ? path : "\(folder)/\(path)"
    return "/" + full.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// Whether the name of the file at `path` ends in a dot and `ending`, in letters of either case.
  public static func hasEnding(_ ending: String, _ path: String) -> Bool {
    let name = path.lowercased().split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return name.count > ending.count + 1 && name.hasSuffix(".\(ending)")
  }
}
