import ArgumentParser
import CCurses

@main
struct Martlet: ParsableCommand {
  func run() { print("martlet") }
}
