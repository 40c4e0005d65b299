import Testing
import TortureCore

@Suite struct FaultSequenceTests {
  private func faults(_ seed: UInt64, of kinds: Set<Fault.Kind> = Set(Fault.Kind.allCases))
    -> [FaultSequence.Element]
  {
    Array(FaultSequence(seed: seed, of: kinds, meanWait: .seconds(1)).prefix(1000))
  }

  @Test func sameSeedGivesTheSameFaults() {
    #expect(faults(1) == faults(1))
    #expect(faults(1) != faults(2))
  }

  @Test func everyKindComes() {
    #expect(Set(faults(1).map(\.fault.kind)) == Set(Fault.Kind.allCases))
  }

  @Test func onlyWhatMayComeComes() {
    #expect(
      Set(faults(1, of: [.clockJumped, .serverKilled]).map(\.fault.kind)) == [
        .clockJumped, .serverKilled,
      ])
    #expect(faults(1, of: []).isEmpty)
  }

  @Test func faultsEndInTime() {
    let short = FaultSequence(seed: 1, meanWait: .seconds(1), longest: .seconds(2)).prefix(1000)
    #expect(short.allSatisfy { $0.fault.duration <= .seconds(2) && $0.wait <= .seconds(2) })
  }
}
