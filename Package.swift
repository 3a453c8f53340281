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
  /// Without it every fused multiply-add becomes a call per lane. All other code runs on any CPU, so that
  /// an older one gets a message and no illegal instruction.
  let vectorSettings = settings + [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
  /// AVX-512: x86-64-v4.
  let wideVectorSettings =
    settings + [.unsafeFlags(["-Xcc", "-march=x86-64-v4"]), .define("WIDE_KERNELS")]
#else
  let vectorSettings = settings
  /// Never chosen; there so that the same source compiles.
  let wideVectorSettings = settings
#endif

#if os(Linux)
  /// A digest of the program in the program, by which ranks find out whether all run the same build.
  let linkerSettings: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "--build-id=sha1"])]
#else
  let linkerSettings: [LinkerSetting] = []
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
      swiftSettings: settings, linkerSettings: linkerSettings),

    // MARK: Floor 3: run file, step loop, metrics, history, checkpoint, report of a run.
    .target(
      name: "Training",
      dependencies: [
        "NeuralNetwork", "Events", "MPI", "Kernels", "KernelBasics", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),

    // MARK: Floor 2: the network and the events. They do not know each other.
    /// Specification, parameters, initialisers, exact gradient engine, optimiser.
    .target(
      name: "NeuralNetwork", dependencies: ["Kernels", "BaselineKernels", "KernelBasics", "CProcessor"],
      swiftSettings: settings),
    /// Files → data set, in memory that the ranks of a host share → split → shuffle.
    .target(
      name: "Events", dependencies: ["Kernels", "KernelBasics", "MPI", "CProcessor"], swiftSettings: settings),

    // MARK: Floor 1: the machine. Unsafe code lives here.
    /// A typed, small MPI; placement of ranks and threads.
    .target(name: "MPI", dependencies: ["CMPI", "CProcessor"], swiftSettings: settings),
    /// Chooses the build of the SIMD kernels that suits the CPU.
    .target(
      name: "Kernels", dependencies: ["BaselineKernels", "WideKernels", "KernelBasics", "CProcessor"],
      swiftSettings: settings),
    /// SIMD kernels on pointers, from the source in VectorKernels: no allocation, no policy. For every
    /// supported CPU …
    .target(
      name: "BaselineKernels", dependencies: ["KernelBasics"], path: "Sources/VectorKernels",
      swiftSettings: vectorSettings),
    /// … and, as Sources/WideKernels is a link to the same folder, for those with AVX-512.
    .target(
      name: "WideKernels", dependencies: ["KernelBasics"],
      exclude: ["Scalars", "ClassQuad.swift", "EventSoftmax.swift", "SoftmaxCrossEntropy.swift", "Transpose.swift"],
      swiftSettings: wideVectorSettings),
    /// What all builds of the kernels share: operands, exact scalars, counter-based random numbers. For any CPU.
    .target(name: "KernelBasics", swiftSettings: settings),

    // MARK: Floor 0: module maps and static inline shims, for mpi.h and for the processor. No logic.
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(name: "CProcessor"),

    // MARK: Tests mirror the sources.
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "BaselineKernels", "KernelBasics"], swiftSettings: settings),
    .testTarget(name: "MPITests", dependencies: ["MPI"], swiftSettings: settings),
    /// Calls every collective under mpirun; started by Tests/MPITests/ProbeTests.swift.
    .executableTarget(name: "mpi-probe", dependencies: ["MPI"], path: "Tests/MPIProbe", swiftSettings: settings),
    .testTarget(
      name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "Kernels", "KernelBasics"],
      swiftSettings: settings),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "KernelBasics", "FuzzReaders"], exclude: ["numpy_roundtrip.py"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "NeuralNetwork", "Events", "MPI", "FuzzReaders"],
      swiftSettings: settings),
    /// What must hold when a reader gets any bytes whatever: for the tests and for launch/fuzz.
    .target(
      name: "FuzzReaders", dependencies: ["Events", "Training"], path: "Tests/Fuzz/Readers", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)

// launch/fuzz sets this, and links libFuzzer, without which the target would not link.
if Context.environment["DIST_TRAIN_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzReaders", "CFuzzer"], path: "Tests/Fuzz/Driver", swiftSettings: settings),
  ]
}
