// swift-tools-version: 6.2
// The map of dist-train. A target stands above everything that it imports; there are no circles.
import PackageDescription

var settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]
// For launch/test. Not for users: a newer compiler may warn of more.
if Context.environment["WARNINGS_AS_ERRORS"] != nil { settings.append(.treatAllWarnings(as: .error)) }

#if arch(x86_64)
  /// The oldest CPU that can run the kernels: AVX2 and FMA (Intel Haswell 2013, AMD Excavator 2015).
  /// Without it every fused multiply-add becomes a call per lane.
  let vectorFlags = ["-Xcc", "-march=x86-64-v3"]
#else
  let vectorFlags: [String] = []
#endif

let package = Package(
  name: "dist-train",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // MARK: Floor 4: the command line. Parse, then run; nothing else.
    .executableTarget(
      name: "dist-train",
      dependencies: [
        "Training", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    // MARK: Floor 3: run file, step loop, metrics, history, checkpoint, report of a run.
    .target(
      name: "Training",
      dependencies: [
        "NeuralNetwork", "Events", "MPI", "Kernels", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),

    // MARK: Floor 2: the network and the events. They do not know each other.
    /// Specification, parameters, initialisers, exact gradient engine, optimiser.
    .target(name: "NeuralNetwork", dependencies: ["Kernels", "CProcessor"], swiftSettings: settings),
    /// Files → data set, in memory that the ranks of a host share → split → shuffle.
    .target(name: "Events", dependencies: ["Kernels", "MPI", "CProcessor"], swiftSettings: settings),

    // MARK: Floor 1: the machine. Unsafe code lives here.
    /// A typed, small MPI; placement of ranks and threads.
    .target(name: "MPI", dependencies: ["CMPI"], swiftSettings: settings),
    /// SIMD kernels on pointers, elementary functions, counter-based random numbers. No allocation, no policy.
    .target(
      name: "Kernels",
      swiftSettings: settings + [.unsafeFlags(vectorFlags)]),

    // MARK: Floor 0: module maps and static inline shims for mpi.h and for the processor's hints. No logic.
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(name: "CProcessor"),

    // MARK: Tests mirror the sources.
    .testTarget(name: "KernelsTests", dependencies: ["Kernels"], swiftSettings: settings),
    .testTarget(name: "MPITests", dependencies: ["MPI"], swiftSettings: settings),
    /// Calls every collective under mpirun; started by Tests/MPITests/ProbeTests.swift.
    .executableTarget(name: "mpi-probe", dependencies: ["MPI"], path: "Tests/MPIProbe", swiftSettings: settings),
    .testTarget(
      name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "Kernels"],
      swiftSettings: settings),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "Kernels"], exclude: ["numpy_roundtrip.py"], swiftSettings: settings
    ),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "NeuralNetwork", "Events", "MPI"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
