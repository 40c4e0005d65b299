import Testing

@testable import TUIApp

@Suite struct ProcessGroupsTests {
  @Test func whatIsStartedTooLateIsKilledAtOnce() async {
    let groups = ProcessGroups()
    groups.close()
    // Left alone, it would print.
    let output = await ExternalProgram.output(
      of: "/bin/sh", ["-c", "sleep 2; echo drawn"], in: groups)
    #expect(output == nil)
  }
}
