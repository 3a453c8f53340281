import Numerics
import Results
import Testing

/// Scores in order, curves, and replicas.
@Suite struct CurveTests {
  private func numbers(_ count: Int, _ stream: UInt64 = 1) -> [Double] {
    let random = CounterRandom(seed: 5, stream: stream)
    return (0..<count).map { random.uniform(UInt64($0)) }
  }

  @Test(arguments: [0, 1, 2, 1000, 20_000]) func scoresAreInFallingOrder(_ count: Int) {
    // Of both signs and many sizes, among them equal ones, zeros of both signs and infinities.
    var scores = numbers(count).map { Float(($0 - 0.5) * 200).rounded() * ($0 > 0.9 ? 1e30 : 1e-3) }
    if count > 3 { (scores[0], scores[1], scores[2]) = (.infinity, -0.0, -.infinity) }
    let expected = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    #expect(RankedScores(scores).order.map { Int($0) } == expected)
  }

  private struct Steps: ScoreSteps {
    let steps: [ScoreStep]
    func forEachStep(_ body: (ScoreStep) -> Void) { steps.forEach(body) }
  }

  private func steps(_ values: (Double, Double)...) -> Steps {
    Steps(steps: values.map { ScoreStep(signal: $0.0, background: $0.1) })
  }

  @Test func areasOfCurves() {
    #expect(steps((2, 0), (0, 3)).area == 1)
    #expect(steps((0, 3), (2, 0)).area == 0)
    #expect(steps((2, 3)).area == 0.5)
    #expect(steps((1, 1), (1, 1)).area == 0.5)
    // A negative weight lowers the curve again.
    #expect(steps((2, 0), (-1, 0), (0, 1)).area == 1)
    #expect(steps((1, 0), (0, 0)).area.isNaN && steps((-1, 1), (0, 1)).area.isNaN && steps().area.isNaN)
  }

  @Test func rejectionsAreAtTheFirstCrossing() {
    let curve = steps((1, 0), (1, 1), (2, 3))
    #expect(curve.rejections(atSignalEfficiencies: [0.25, 0.375, 0.5, 0.75, 1]) == [.infinity, 8, 4, 4 / 2.5, 1])
    // The curve reaches 0.5 at once, falls below, and reaches it again.
    #expect(steps((5, 1), (-3, 1), (8, 2)).rejections(atSignalEfficiencies: [0.5]) == [4])
    #expect(steps((0, 1)).rejections(atSignalEfficiencies: [0.5])[0].isNaN)
  }

  @Test func separationOfDistributions() {
    #expect(steps((1, 0), (0, 1)).separation == 1)
    #expect(steps((1, 2), (3, 6)).separation == 0)
    #expect(abs(steps((3, 1), (1, 3)).separation - 0.25) < 1e-15)
  }

  @Test func replicasCountEventsAsPoissonDoes() {
    let (replicas, events) = (200, 5000)
    let bootstrap = BootstrapWeights(replicas: replicas, seed: 1)
    var (sum, squares, zeros) = (0.0, 0.0, 0)
    var first: [Double] = []
    for event in 0..<events {
      var numbers = [Double](repeating: -1, count: replicas)
      var span = numbers.mutableSpan
      bootstrap.write(ofEvent: UInt64(event), 0..<replicas, to: &span)
      sum += numbers.reduce(0, +)
      squares += numbers.reduce(0) { $0 + $1 * $1 }
      zeros += numbers.count { $0 == 0 }
      if event == 7 { first = numbers }
    }
    let count = Double(replicas * events)
    // Within five standard deviations of a million numbers.
    #expect(abs(sum / count - 1) < 5e-3 && abs(squares / count - 2) < 2e-2)
    #expect(abs(Double(zeros) / count - 0.36788) < 2.5e-3)
    // A part of the replicas has the numbers of the whole.
    var part = [Double](repeating: -1, count: 56)
    var span = part.mutableSpan
    bootstrap.write(ofEvent: 7, 56..<112, to: &span)
    #expect(part == Array(first[56..<112]))
  }
}
