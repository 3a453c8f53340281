import RunFiles
import Testing

@Suite struct RunFileKeysTests {
  @Test func keysAreThoseThatOverridesCanName() throws {
    let keys = RunFile.keys
    for key in [
      "name", "data.directory", "training.epochs", "training.optimizer.learning_rate", "network.hidden", "split.test",
      "output.keep", "safety.watchdog",
    ] { #expect(keys.contains(key), "\(key)") }
    #expect(Set(keys).count == keys.count && !keys.contains { $0.contains("[") })
    // An override of any of them is no unknown key, whatever is wrong with the value.
    let yaml = "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x]}"
    for key in keys {
      let problem = #expect(throws: RunFileError.self, "\(key)") {
        try RunFile(yaml: yaml, named: "r.yaml", overrides: [(key: key, value: "{nonsense: [}")])
      }
      #expect(problem?.message.contains("unknown key") == false, "\(key)")
    }
  }
}
