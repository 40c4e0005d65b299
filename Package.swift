// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOWebSocket", package: "swift-nio"),
]
let tls: [Target.Dependency] = [
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
  .product(name: "NIOTLS", package: "swift-nio"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "martlet",
  products: [
    .executable(name: "martletd", targets: ["ServerApp"]),
    .executable(name: "martlet", targets: ["TUIApp"]),
    .executable(name: "martlet-torture", targets: ["TortureApp"]),
    .library(name: "MartletClient", targets: ["MartletClient"]),
    .library(name: "MartletProtocol", targets: ["MartletProtocol"]),
    // For Benchmarks/, which counts their instructions.
    .library(name: "MartletCores", targets: ["ServerCore", "TUICore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
  ],
  targets: [
    // What both sides share.
    .target(name: "MartletProtocol", path: "Sources/Shared/Protocol", swiftSettings: strict),
    .target(
      name: "MartletMedia", dependencies: ["MartletProtocol"], path: "Sources/Shared/Media",
      swiftSettings: strict),
    .target(
      name: "MartletWidth", dependencies: ["CWidth"], path: "Sources/Shared/Width",
      swiftSettings: strict),
    .systemLibrary(name: "CWidth", path: "Sources/Shared/CWidth"),
    .target(
      name: "MartletClient", dependencies: ["MartletProtocol", logging] + nio + tls,
      path: "Sources/Shared/Client", swiftSettings: strict),

    // The server: a core without sockets or SQL, and the application around it.
    .target(
      name: "ServerCore", dependencies: ["MartletMedia", "MartletProtocol", logging, metrics],
      path: "Sources/Server/Core", swiftSettings: strict),
    .executableTarget(
      name: "ServerApp",
      dependencies: [
        "MartletMedia", "MartletWidth", "ServerCore", "CClock", "CCrypto", "CPostgres",
        argumentParser, metrics,
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ] + nio + tls,
      path: "Sources/Server/App",
      resources: [
        .embedInCode("Postgres/Migrations/M0001_accounts_and_messages.sql"),
        .embedInCode("Postgres/Migrations/M0002_attachments_and_clearing.sql"),
        .embedInCode("Postgres/Migrations/M0003_search.sql"),
        .embedInCode("Postgres/Migrations/M0004_epochs.sql"),
        .embedInCode("Postgres/Migrations/M0005_lookalikes.sql"),
        .embedInCode("Postgres/Migrations/M0006_search_signatures.sql"),
        .embedInCode("Postgres/Migrations/M0007_quick_storing.sql"),
        .embedInCode("Postgres/Migrations/M0008_administration.sql"),
        .embedInCode("Postgres/Migrations/M0009_nodes.sql"),
      ],
      swiftSettings: strict),
    .target(name: "CClock", path: "Sources/Server/CClock"),
    .systemLibrary(name: "CPostgres", path: "Sources/Server/CPostgres"),
    .systemLibrary(name: "CCrypto", path: "Sources/Server/CCrypto"),

    // The terminal client: a core without curses or network, and the application around it.
    .target(
      name: "TUICore", dependencies: ["MartletProtocol", "MartletWidth"], path: "Sources/TUI/Core",
      swiftSettings: strict),
    .executableTarget(
      name: "TUIApp",
      dependencies: [
        "TUICore", "MartletClient", "MartletMedia", "CCurses", "CSQLite", logging, argumentParser,
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/TUI/App", swiftSettings: strict),
    .systemLibrary(name: "CCurses", path: "Sources/TUI/CCurses"),
    .systemLibrary(name: "CSQLite", path: "Sources/TUI/CSQLite"),

    .target(
      name: "TestSupport", dependencies: ["MartletClient", "MartletProtocol", logging] + nio,
      path: "Tests/TestSupport", exclude: ["Media/Files", "Media/generate.sh"],
      swiftSettings: strict),
    // Delivery under faults: what checks it, and the program that brings the faults about.
    .target(
      name: "TortureCore", dependencies: ["MartletClient", "MartletProtocol", "TestSupport"],
      path: "Tests/Torture/Core", swiftSettings: strict),
    .executableTarget(
      name: "TortureApp", dependencies: ["MartletClient", "TortureCore", argumentParser] + nio,
      path: "Tests/Torture/App", swiftSettings: strict),
    .testTarget(
      name: "TortureTests",
      dependencies: [
        "MartletClient", "MartletProtocol", "ServerApp", "TortureApp", "TortureCore",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProtocolTests", dependencies: ["MartletProtocol", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ClientTests", dependencies: ["MartletClient", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ServerCoreTests", dependencies: ["MartletMedia", "ServerCore", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ServerAppTests",
      dependencies: [
        "MartletClient", "ServerApp", "TestSupport", argumentParser,
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio + tls,
      swiftSettings: strict),
    .testTarget(
      name: "TUICoreTests", dependencies: ["MartletWidth", "TUICore"], exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "TUIAppTests", dependencies: ["MartletClient", "TestSupport", "TUIApp"],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "MartletClient", "ServerApp", "TestSupport", "TUIApp",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
  ]
)

// `make fuzz` builds with MARTLET_FUZZ set, in a directory of its own: the decoders that meet bytes from
// outside are instrumented for libFuzzer, and the program that feeds them is built.
if Context.environment["MARTLET_FUZZ"] != nil {
  let instrumented: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer,address"])]
  let decoders = ["MartletProtocol", "MartletMedia", "MartletClient", "TUICore"]
  for target in package.targets where decoders.contains(target.name) {
    target.swiftSettings = strict + instrumented
  }
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Fuzz/Sources/CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CFuzzer", "MartletClient", "MartletMedia", "MartletProtocol", "ServerCore", "TUICore",
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio,
      path: "Fuzz/Sources/fuzz", swiftSettings: strict + instrumented,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ]
}
