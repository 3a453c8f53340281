import Machine
import Runs
import Testing

/// Commands in messages work where the user is.
@Suite struct InvocationTests {
  private func invocation(_ program: String, launcher: String? = nil, _ executable: String, files: [String])
    -> Invocation
  {
    Invocation(
      words: [program, "evaluate", "runs/x"], launcher: launcher, executable: executable, workingDirectory: "/home/me",
      exists: files.contains)
  }

  @Test func theProgramIsCalledAsItWasStarted() {
    let executable = "/home/me/dist-train/.build/x86_64/release/dist-train"
    let script = "/home/me/dist-train/launch/plot"
    let direct = invocation("dist-train/.build/release/dist-train", executable, files: [script])
    #expect(direct.program == "dist-train/.build/release/dist-train" && direct.plot == "dist-train/launch/plot")
    // mpirun under a batch system has the whole path.
    let whole = invocation("/home/me/dist-train/.build/release/dist-train", executable, files: [script])
    #expect(whole.program == direct.program)
    let launched = invocation(
      "/home/me/dist-train/.build/release/dist-train", launcher: "dist-train/launch/local", executable,
      files: ["dist-train/launch/plot"])
    #expect(launched.program == "dist-train/launch/local" && launched.plot == "dist-train/launch/plot")
    let inside = invocation("x", launcher: "launch/local", executable, files: ["launch/plot"])
    #expect(inside.program == "launch/local" && inside.plot == "launch/plot")
  }

  @Test func theTarballHasItsScriptsAndAnInstalledProgramHasNone() {
    let tarball = invocation(
      "/opt/dist-train/bin/dist-train", "/opt/dist-train/bin/dist-train", files: ["/opt/dist-train/launch/plot"])
    #expect(tarball.program == "/opt/dist-train/bin/dist-train" && tarball.plot == "/opt/dist-train/launch/plot")
    let installed = invocation("dist-train", "/usr/local/bin/dist-train", files: [])
    #expect(installed.program == "dist-train" && installed.plot == nil)
  }

  @Test func wordsAreQuotedForTheShell() {
    let spaced = invocation("my tools/dist-train", "/x", files: [])
    #expect(spaced.command("evaluate", "runs/a b", "it's") == #"'my tools/dist-train' evaluate 'runs/a b' 'it'\''s'"#)
    #expect("runs/x-1.2_3".quotedForShell == "runs/x-1.2_3" && "".quotedForShell == "''")
    #expect("[64,64]".quotedForShell == "'[64,64]'" && "信号".quotedForShell == "信号")
    #expect(spaced.command(replacing: "runs/x", with: ["--resume", "y"])?.hasSuffix(" evaluate --resume y") == true)
    #expect(spaced.command(replacing: "runs/z", with: ["y"]) == nil)
  }
}
