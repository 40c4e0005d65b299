// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own: what measures Martlet is no part of it, and its dependencies stay out of it.
let package = Package(
  name: "martlet-benchmarks",
  dependencies: [
    .package(name: "martlet", path: ".."),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
  ],
  targets: [
    // What is sent, when, and what became of it: without sockets.
    .target(
      name: "LoadCore", dependencies: [.product(name: "Histogram", package: "hdrhistogram-swift")],
      swiftSettings: strict),
    .executableTarget(
      name: "martlet-load",
      dependencies: [
        "LoadCore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "MartletClient", package: "martlet"),
        .product(name: "MartletProtocol", package: "martlet"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Sources/LoadApp", swiftSettings: strict),
    // What is done for every message and every key, to count its instructions.
    .executableTarget(
      name: "martlet-costs",
      dependencies: [
        "LoadCore",
        .product(name: "MartletCores", package: "martlet"),
        .product(name: "MartletProtocol", package: "martlet"),
      ],
      path: "Sources/CostsApp", swiftSettings: strict),
    .testTarget(name: "LoadCoreTests", dependencies: ["LoadCore"], swiftSettings: strict),
  ]
)
