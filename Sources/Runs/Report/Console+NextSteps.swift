import Events
import Machine
import RunFiles

extension Console {
  /// The last lines of a run: its folder, and what to do with it next.
  func printNextSteps(_ folder: RunFolder, _ run: RunFile, _ invocation: Invocation = .current) {
    let path = folder.path.quotedForShell
    print()
    print("Run folder: \(folder.path)")
    // The folder that HTCondor lends a job is gone when the user reads this.
    if environmentVariable("_CONDOR_SCRATCH_DIR") != nil { return }
    var commands = [invocation.command("evaluate", folder.path)]
    if let plot = invocation.plot { commands.insert("\(plot) \(path)", at: 0) }
    if let file = run.data.processes.first?.paths(in: run.data.directory).first {
      commands.append(invocation.command("predict", folder.path, invocation.shortened(file), "-o", "scores.npy"))
    }
    for (index, command) in commands.enumerated() { print((index == 0 ? "Next: " : "      ") + command) }
  }
}
