import MPI
import Testing

@Suite struct AgreementTests {
  private func description(_ values: [[UInt8]]) -> String? {
    Disagreement(values, hosts: values.indices.map { "n\($0)" }).description(of: "build")
  }

  @Test func allAlikeIsNoDisagreement() {
    #expect(description([[1], [1], [1]]) == nil)
    #expect(description([]) == nil)
  }

  @Test func whoCannotKnowHasNoSay() {
    #expect(description([[1], [], [1]]) == nil)
    #expect(description([[], [], []]) == nil)
    #expect(description([[1], [], [2], [2]]) == "rank 0@n0 differs from the other 2 ranks in its build")
  }

  @Test func theMinorityIsNamed() {
    #expect(description([[1], [1], [2], [1]]) == "rank 2@n2 differs from the other 3 ranks in its build")
    #expect(
      description([[2], [1], [1], [1], [3]]) == "ranks 0@n0, 4@n4 differ from the other 3 ranks in their build")
  }

  @Test func onATieAllAreNamed() {
    #expect(description([[1], [2]]) == "rank 0@n0 and rank 1@n1 differ in their build")
    #expect(description([[1], [2], [1], [2]]) == "ranks 0@n0, 2@n2 and ranks 1@n1, 3@n3 differ in their build")
    #expect(
      description([[3], [2], [1]]) == "rank 0@n0 and rank 1@n1 and rank 2@n2 differ in their build")
  }

  @Test func longListsAreCut() {
    let odd = (0..<10).map { _ in [UInt8(2)] } + (0..<20).map { _ in [UInt8(1)] }
    let eight = (0..<8).map { "\($0)@n\($0)" }.joined(separator: ", ")
    #expect(description(odd) == "ranks \(eight) and 2 more differ from the other 20 ranks in their build")
  }
}
