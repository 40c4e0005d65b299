import ArgumentParser

/// How long something lasts: `90s`, `15m`, `12h`, `7d`.
struct Span: ExpressibleByArgument {
  let seconds: Int64

  init?(argument: String) {
    let factors: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = argument.last, let factor = factors[unit],
      let number = Int64(argument.dropLast()), (1...100_000).contains(number)
    else { return nil }
    seconds = number * factor
  }
}
