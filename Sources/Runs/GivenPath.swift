package import Machine
package import RunFiles

/// What a user gave where a run folder, or a run file, or a folder of events was needed: for messages that say so and show the
/// command to type.
package enum GivenPath {
  case missing
  /// A run folder.
  case run
  /// A file or folder in a run folder, and that folder.
  case partOfRun(RunFolder)
  /// A folder with run folders in it, and their names.
  case runs([String])
  /// A run file; its content, if that is valid.
  case runFile(RunFile?)
  case folder
  case file

  package init(_ path: String) {
    guard FileSystem.exists(path) else {
      self = .missing
      return
    }
    let isRun = { (path: String) in
      let folder = RunFolder(path)
      // People call run files of their own config.yaml too.
      return [folder.status, folder.model].contains { FileSystem.exists($0) }
        || (FileSystem.exists(folder.configuration) && FileSystem.isDirectory("\(path)/checkpoints"))
    }
    let parent = FileSystem.parent(of: path)
    let around =
      path.split(separator: "/").contains("..")
      ? nil : [parent, FileSystem.parent(of: parent)].first(where: isRun).map { RunFolder($0) }
    if FileSystem.isDirectory(path) {
      let inside = ((try? FileSystem.list(path)) ?? []).sorted().filter { isRun("\(path)/\($0)") }
      self = isRun(path) ? .run : around.map { .partOfRun($0) } ?? (inside.isEmpty ? .folder : .runs(inside))
    } else if let around {
      self = .partOfRun(around)
    } else if let run = try? RunFile(contentsOf: path) {
      self = .runFile(run)
    } else {
      self = path.hasSuffix(".yaml") || path.hasSuffix(".yml") ? .runFile(nil) : .file
    }
  }

  package var isRun: Bool { if case .run = self { true } else { false } }

  /// Why `path` is not the folder of a run, which `option` or an argument of a command needs; nil if it is one, or a file that
  /// may hold a checkpoint.
  package static func refusal(ofRun path: String, option: String? = nil, _ invocation: Invocation = .current)
    -> Failure?
  {
    let place = option.map { "\($0) \(path)" } ?? path
    let retry = { (folder: String) in
      invocation.command(replacing: path, with: [folder]).map { "; type: \($0)" } ?? "; give \(folder)"
    }
    switch GivenPath(path) {
    case .run: return nil
    case .missing:
      let parent = FileSystem.parent(of: path)
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let advice: String
      if case .runs(let names) = GivenPath(parent) {
        let near = nearest(to: name, in: names).map { parent == "." ? $0 : "\(parent)/\($0)" }
        advice =
          near.map { "did you mean \($0)?" } ?? "\(invocation.command("status", parent)) lists the runs in \(parent)"
      } else {
        advice = "give a run folder, such as runs/NAME"
      }
      return Failure(.missing, "\(place): there is no such run folder; \(advice)")
    case .partOfRun(let folder):
      if path.contains(".safetensors") && option == nil { return nil }
      return Failure(
        .usage, "\(place): this is a part of a run, but the run folder is needed here\(retry(folder.path))")
    case .runs(let names):
      let list = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      return Failure(
        .usage,
        "\(place): this folder holds runs (\(list)), but one of them is needed here"
          + retry("\(path)/\(names[0])".replacing("//", with: "/")))
    case .runFile(let run):
      let what = "\(place): this is a run file, but a run folder is needed here"
      guard let folder = run.map(RunFolder.init(of:)) else { return Failure(.usage, what) }
      return Failure(
        .usage,
        FileSystem.exists(folder.configuration)
          ? what + retry(folder.path) : "\(what); start the run first: \(invocation.command(path))")
    case .folder:
      return Failure(.missing, "\(place): there is no run in this folder; give a run folder, such as runs/NAME")
    case .file:
      if option == nil && mayBeSafetensors(path) { return nil }
      return Failure(.usage, "\(place): this is a file, but a run folder is needed here, such as runs/NAME")
    }
  }

  /// A file of that format begins with the length of its header.
  private static func mayBeSafetensors(_ path: String) -> Bool {
    guard let file = try? OpenFile(path, .read), let size = try? file.size(), let start = try? file.read(count: 8)
    else {
      return true  // The reader says what is wrong.
    }
    let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return start.count == 8 && length < UInt64(size)
  }

  /// Why `path` is not a run file, which a training needs; nil if it may be one, or if there is nothing.
  package static func refusal(ofRunFile path: String, _ invocation: Invocation = .current) -> Failure? {
    let goOn = { (folder: String) in
      let command = invocation.command(replacing: path, with: ["--resume", folder])
      return "; to continue this run, type: \(command ?? invocation.command("--resume", folder))"
    }
    switch GivenPath(path) {
    case .run:
      return Failure(.usage, "\(path): this is a run folder, but a run file is needed here\(goOn(path))")
    case .partOfRun(let folder) where !path.hasSuffix(".yaml") && !path.hasSuffix(".yml"):
      return Failure(.usage, "\(path): this is a part of a run, but a run file is needed here\(goOn(folder.path))")
    case .folder, .runs:
      return Failure(.missing, "\(path): this is a folder, but a run file is needed here, such as my-run.yaml")
    case .file:
      // A text with keys may be a run file with a mistake, which the parser reports.
      let beginning = FileSystem.text(path).utf8.prefix(4096)
      if beginning.contains(UInt8(ascii: ":")) && !beginning.contains(0) { return nil }
      return Failure(
        .usage,
        "\(path): this is not a run file; give a YAML file that names your events and the network, such as "
          + "data/hh-bbww.yaml, which explains every key")
    case .missing:
      let completed = ["\(path).yaml", "\(path).yml"].first { FileSystem.exists($0) }
      return completed.map { Failure(.missing, "\(path): there is no such file; did you mean \($0)?") }
    case .partOfRun, .runFile: return nil
    }
  }
}
