// `fuzz TARGET [libFuzzer's arguments]`: feeds one decoder with what libFuzzer makes up.
import CFuzzer
import Glibc

let names = Target.allCases.map(\.rawValue).joined(separator: " ")
guard CommandLine.arguments.count > 1 else { fail("Which target? \(names)") }
guard let target = Target(rawValue: CommandLine.arguments[1]) else {
  fail("There is no target \(CommandLine.arguments[1]); there are: \(names)")
}
// libFuzzer is told the same arguments without the first.
var arguments =
  CommandLine.unsafeArgv.advanced(by: 1)
  as UnsafeMutablePointer<
    UnsafeMutablePointer<CChar>?
  >?
var count = CommandLine.argc - 1
Target.chosen = target
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    Target.chosen.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
  })
