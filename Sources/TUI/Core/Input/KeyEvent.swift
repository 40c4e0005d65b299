/// One key stroke, as the terminal reported it.
public struct KeyEvent: Hashable, Sendable {
  /// Which key.
  public var key: Key
  /// What was held down with it.
  public var modifiers: Modifiers

  /// A key with the modifiers that the terminal could tell.
  ///
  /// Control with a letter is `.character` of the lower-case letter with `.control`: byte 0x01 is
  /// `KeyEvent(.character("a"), .control)`. Shift is only given where the character does not already
  /// carry it. Bytes that are keys of their own are those: 0x09 is `.tab`, 0x0D `.enter`, 0x1B
  /// `.escape`, 0x7F and 0x08 `.backspace`; 0x0A is control-j, 0x1F control-/ and 0x00 control-space.
  public init(_ key: Key, _ modifiers: Modifiers = []) {
    self.key = key
    self.modifiers = modifiers
  }

  /// The keys that Martlet knows.
  public enum Key: Hashable, Sendable {
    /// A printable character, also one that an input method composed.
    case character(Character)
    case enter
    case tab
    case backTab
    case backspace
    case delete
    case insert
    case escape
    case up
    case down
    case left
    case right
    case home
    case end
    case pageUp
    case pageDown
    /// F1 and up.
    case function(Int)
  }

  /// Keys that modify others.
  public struct Modifiers: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let control = Modifiers(rawValue: 1)
    public static let alt = Modifiers(rawValue: 2)
    public static let shift = Modifiers(rawValue: 4)
  }
}
