import Testing

@testable import ServerApp

/// What the doctor makes of what it measures.
@Suite struct ExaminationTests {
  @Test(arguments: [
    (Examination.littleSpace, Finding.Verdict.fine), (Examination.littleSpace - 1, .look),
    (Examination.noSpace, .look), (Examination.noSpace - 1, .wrong), (0, .wrong),
  ])
  func theDiskIsWrongBeforeItIsFull(free: Int64, verdict: Finding.Verdict) {
    #expect(Examination.finding(free: free).verdict == verdict)
  }

  @Test(arguments: [
    (Int64(0), Finding.Verdict.look), (Migrator.newest - 1, .look), (Migrator.newest, .fine),
    (Migrator.newest + 1, .wrong),
  ])
  func onlyANewerSchemaIsWrong(schema: Int64, verdict: Finding.Verdict) {
    #expect(Examination.finding(schema: schema).verdict == verdict)
  }

  @Test(arguments: [
    (Int64(0), Finding.Verdict.fine), (-2000, .fine), (2001, .wrong), (-2001, .wrong),
  ])
  func clocksMayDifferALittle(milliseconds: Int64, verdict: Finding.Verdict) {
    #expect(Examination.finding(difference: milliseconds).verdict == verdict)
  }

  @Test(arguments: [
    (Int64(0), Finding.Verdict.wrong), (1, .look), (Examination.renewal - 1, .look),
    (Examination.renewal, .fine),
  ])
  func aCertificateIsToBeRenewedBeforeItExpires(left: Int64, verdict: Finding.Verdict) {
    let finding = Examination.finding(expiry: 1_800_000_000, now: 1_800_000_000 - left)
    #expect(finding.verdict == verdict)
    #expect(finding.words.contains("2027-01-15"))
  }
}
