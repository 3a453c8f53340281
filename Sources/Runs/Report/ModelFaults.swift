package import Events
import Machine
import NeuralNetwork
package import Results
package import RunFiles

/// Faults of a model that an evaluation reveals, and remedies that its run file suggests.
package struct ModelFaults {
  private let run: RunFile
  /// Of the training events; nil if other events are evaluated.
  private let rare: RareClasses?

  package init(_ run: RunFile, _ events: EventStore) {
    self.run = run
    rare =
      events.training.isEmpty
      ? nil
      : RareClasses(events.header, batchSize: run.training.batchSize, shuffles: run.training.shuffle)
  }

  /// One line if the model gives all events the same scores, or never predicts a class that has events; else nil. `name` is
  /// that of the events: test, validation or training.
  package func warning(_ evaluation: Evaluation, _ name: String, classes: [String]) -> String? {
    guard evaluation.loss.isFinite else { return nil }
    let events = "\(grouped(evaluation.events)) \(name) events"
    if evaluation.hasConstantScores == true {
      return
        "the model gives all \(events) the same scores (to 0.1 %), so it separates nothing; \(remedies(atClasses: []))"
    }
    let missing = evaluation.neverPredicted
    guard !missing.isEmpty else { return nil }
    let names = missing.map { index in
      "\(classes[index]) (\(grouped(evaluation.confusion[index].reduce(0, +))) of the \(events))"
    }.joined(separator: ", ")
    return "the model never predicts \(names); \(remedies(atClasses: missing.map { classes[$0] }))"
  }

  /// What may help; with names, for classes that are never predicted.
  private func remedies(atClasses names: [String]) -> String {
    var remedies: [String] = []
    if run.network.initializer == .zeros && !run.network.hidden.isEmpty {
      remedies.append("choose another network.initializer than zeros, with which hidden units stay alike")
    }
    if !run.data.standardize { remedies.append("set data.standardize: true") }
    if !names.isEmpty && run.training.classWeights != .balanced {
      remedies.append("set training.class_weights: balanced")
    }
    if let rare, names.isEmpty ? !rare.classes.isEmpty : rare.classes.contains(where: { names.contains($0.name) }) {
      remedies.append(rare.remedy)
    }
    let optimizer = run.training.optimizer
    remedies.append("lower training.optimizer.learning_rate (now \(optimizer.learningRate))")
    if let momentum = optimizer.momentum, momentum >= 0.5 {
      remedies.append("lower training.optimizer.momentum (now \(momentum))")
    }
    if !names.isEmpty { remedies.append("train for more epochs") }
    return remedies.alternatives
  }
}
