import Results
import RunFiles
import Runs
import Testing
import TestSupport

@Suite struct MonitorTests {
  private func monitor(
    _ values: [Double], metric: String = "loss", patience: Int? = 2, minDelta: Double = 0
  ) throws -> Monitor {
    let stopping = patience.map { "{patience: \($0), min_delta: \(minDelta)}" } ?? "null"
    let run = try TinyRun().runFile([
      ("training.early_stopping", stopping), ("training.monitor", metric),
      ("training.metrics", "[loss, accuracy, weighted_accuracy, auc]"),
    ])
    return Monitor(run.training.monitoring, values: values)
  }

  @Test func theBestEpochIsTheFirstOfEquals() throws {
    #expect(try monitor([3, 1, 2, 1]).best == Best(epoch: 2, metric: .loss, value: 1))
    #expect(try monitor([0.5, 0.7, 0.6, 0.7], metric: "auc").best == Best(epoch: 2, metric: .auc, value: 0.7))
    #expect(try monitor([]).best == nil && monitor([.nan]).best == nil)
    #expect(try monitor([.nan, -1, -3]).best == Best(epoch: 3, metric: .loss, value: -3))
  }

  @Test func endsAfterAsManyEpochsAsThereIsPatience() throws {
    #expect(try !monitor([1, 2]).shouldStop && monitor([1, 2, 2]).shouldStop && !monitor([1, 2, 0.5]).shouldStop)
    #expect(try !monitor([1, 2, 2], patience: nil).shouldStop && !monitor([]).shouldStop)
    #expect(try monitor([0.5, 0.4, 0.5], metric: "accuracy").shouldStop)
    // As Keras: what never was a number never got better.
    #expect(try !monitor([.nan]).shouldStop && monitor([.nan, .nan]).shouldStop)
    #expect(try monitor([1, 2, 2]).reason == "no smaller validation loss than that of epoch 1")
    #expect(
      try monitor([0.5, 0.4, 0.5], metric: "auc", minDelta: 0.25).reason
        == "no larger validation auc than that of epoch 1 by more than 0.25")
  }

  /// Keras 3's EarlyStopping: `monitor_op(current - min_delta, best)`, and the best becomes the current value then only.
  @Test func improvementsMustExceedTheMargin() throws {
    // 0.9 and 0.85 are no improvements on 1 by more than 0.25, though each is the best so far: the best epoch is that of 0.85.
    let slow = try monitor([1, 0.9, 0.85], minDelta: 0.25)
    #expect(slow.shouldStop && slow.best?.epoch == 3)
    #expect(try monitor([1, 0.9, 0.75], minDelta: 0.25).shouldStop, "exactly the margin is not more")
    #expect(try !monitor([1, 0.9, 0.74], minDelta: 0.25).shouldStop)
    // The next improvement is measured from there.
    #expect(try monitor([1, 0.74, 0.6, 0.5], minDelta: 0.25).shouldStop)
    #expect(try !monitor([0.5, 0.6, 0.76], metric: "auc", minDelta: 0.25).shouldStop)
  }

  /// A run that continues has the state of one that did not stop: it follows from the values.
  @Test func isTheSameFromItsValues() throws {
    let values = [1, 0.95, 0.5, 0.45, 0.44, 0.43]
    for count in values.indices {
      var resumed = try monitor(Array(values.prefix(count)), patience: 3, minDelta: 0.1)
      let stops = values.dropFirst(count).map { value in
        resumed.note(value)
        return resumed.shouldStop
      }
      #expect(stops == Array([false, false, false, false, false, true].dropFirst(count)))
      #expect(resumed.values == values && resumed.best?.epoch == 6)
    }
  }
}
