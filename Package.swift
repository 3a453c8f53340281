// swift-tools-version: 6.2
// The map of dist-train. A target imports lower floors, or targets below it on its own; there are no cycles.
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
  ///
  /// Nothing looks at `errno` after a root: with that said, a root is an instruction and no call (Adam's step: 106 µs, not 188).
  let vectorSettings = settings + [.unsafeFlags(["-Xcc", "-march=x86-64-v3", "-Xcc", "-fno-math-errno"])]
  /// AVX-512: x86-64-v4.
  let wideVectorSettings =
    settings + [
      .unsafeFlags(["-Xcc", "-march=x86-64-v4", "-Xcc", "-fno-math-errno"]), .define("WIDE_KERNELS"),
    ]
#else
  let vectorSettings = settings + [.unsafeFlags(["-Xcc", "-fno-math-errno"])]
  /// Never chosen; there so that the same source compiles.
  let wideVectorSettings = settings
#endif

#if os(Linux)
  /// A digest of the program in the program, by which ranks find out whether all run the same build.
  let linkerSettings: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "--build-id=sha1"])]
  /// The archives, and not the shared libraries beside them: compute nodes may have neither libyaml nor zlib.
  let yamlLinkerSettings: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "-l:libyaml.a"])]
  let zlibLinkerSettings: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "-l:libz.a"])]
#else
  let linkerSettings: [LinkerSetting] = []
  let yamlLinkerSettings: [LinkerSetting] = [.linkedLibrary("yaml")]
  let zlibLinkerSettings: [LinkerSetting] = [.linkedLibrary("z")]
#endif

let package = Package(
  name: "dist-train",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    // MARK: Floor 5: the command line. One file a command: its options and its body.
    .executableTarget(
      name: "dist-train",
      dependencies: [
        "Benchmark", "Runs", "Checks", "Training", "Results", "RunFiles", "Formats", "Events", "NeuralNetwork", "MPI",
        "Kernels", "KernelOperands",
        "Machine", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings, linkerSettings: linkerSettings),

    // MARK: Floor 4: a run; the benchmark.
    /// Steps of a training on made-up events, timed.
    .target(
      name: "Benchmark",
      dependencies: [
        "Runs", "Training", "Results", "Events", "NeuralNetwork", "MPI", "Kernels", "KernelOperands", "Numerics",
        "Machine",
      ], swiftSettings: settings),
    /// A run from start to end: the epoch loop, its start, folder, files, checkpoints, status, and what is printed.
    .target(
      name: "Runs",
      dependencies: [
        "Checks", "Training", "Results", "RunFiles", "Formats", "Events", "Expressions", "NeuralNetwork", "MPI",
        "Kernels",
        "KernelOperands", "ElementaryFunctions", "Numerics", "Machine",
      ], swiftSettings: settings),

    // MARK: Floor 3: training, metrics, run file.
    /// Step, epoch, evaluation, state of a network that trains. No file, no console, no run file.
    .target(
      name: "Training",
      dependencies: ["Results", "Events", "NeuralNetwork", "MPI", "KernelOperands", "Numerics", "Machine"],
      swiftSettings: settings),
    /// Checks for problems in the events: a survey → findings.
    .target(name: "Checks", dependencies: ["Events", "Machine"], swiftSettings: settings),
    /// The run file: YAML → values, and back.
    .target(
      name: "RunFiles",
      dependencies: [
        "Results", "YAML", "NeuralNetwork", "Events", "Expressions", "MPI", "KernelOperands", "Machine",
      ], swiftSettings: settings),
    /// Metrics by name from what an evaluation counts.
    .target(
      name: "Results", dependencies: ["ElementaryFunctions", "Numerics", "Machine"], swiftSettings: settings),

    // MARK: Floor 2: the network, the events and formats of files. Network and events do not know each other.
    /// Specification, parameters, initialisers, exact gradient engine, optimisers, threads.
    .target(
      name: "NeuralNetwork",
      dependencies: ["Kernels", "KernelOperands", "ElementaryFunctions", "Numerics", "Machine", "CProcessor"],
      swiftSettings: settings),
    /// Expressions on the columns of events, cuts among them → programs that compute them.
    .target(
      name: "Expressions", dependencies: ["ColumnKernels", "KernelOperands", "Machine"], swiftSettings: settings),
    /// Files → events in memory that the ranks of a host share → order of an epoch.
    .target(
      name: "Events",
      dependencies: [
        "Expressions", "Formats", "Kernels", "KernelOperands", "ElementaryFunctions", "Numerics", "MPI", "Machine",
        "CProcessor",
      ],
      swiftSettings: settings),
    /// npy, zip, gzip, safetensors, SHA-256: nothing of physics, nothing of runs.
    .target(
      name: "Formats", dependencies: ["Machine", "CZlib"], swiftSettings: settings, linkerSettings: zlibLinkerSettings),
    /// A YAML text → a tree of values with their places.
    .target(
      name: "YAML", dependencies: ["Machine", "CYAML"], swiftSettings: settings, linkerSettings: yamlLinkerSettings),

    // MARK: Floor 1: the machine. Most unsafe code lives here.
    /// A typed, small MPI; exact sums over ranks, shared memory, placement, agreement, watchdog.
    .target(name: "MPI", dependencies: ["Machine", "CMPI", "CProcessor"], swiftSettings: settings),
    /// Chooses the build of the SIMD kernels that suits the CPU.
    .target(
      name: "Kernels",
      dependencies: ["BaselineKernels", "WideKernels", "KernelOperands", "Machine", "CProcessor"],
      swiftSettings: settings),
    /// SIMD kernels on pointers, from the source in VectorKernels: no allocation, no policy. For every
    /// supported CPU …
    .target(
      name: "BaselineKernels", dependencies: ["KernelOperands"], path: "Sources/VectorKernels",
      swiftSettings: vectorSettings),
    /// … and, as Sources/WideKernels is a link to the same folder (no two targets may have one folder), for those with
    /// AVX-512, without what is made of eight lanes.
    .target(
      name: "WideKernels", dependencies: ["KernelOperands"], exclude: ["EightLanes"],
      swiftSettings: wideVectorSettings),
    /// What the kernels of all builds work on. For any CPU.
    .target(name: "KernelOperands", swiftSettings: settings),
    /// Elementary functions of doubles and of spans of them, to the bit on every machine: with fused multiply-adds, and so
    /// for the CPUs of the kernels.
    .target(name: "ElementaryFunctions", dependencies: ["Numerics"], swiftSettings: vectorSettings),
    /// Arithmetic on columns of doubles, for expressions. For the CPUs of the kernels.
    .target(
      name: "ColumnKernels", dependencies: ["ElementaryFunctions", "KernelOperands"], swiftSettings: vectorSettings),
    /// Counter-based random numbers, exact sums of scalars, digests. For any CPU.
    .target(name: "Numerics", dependencies: ["Machine"], swiftSettings: settings),
    /// The computer and POSIX, once: the C library, exit codes, the text of messages, files, clock, host, CPUs, memory, signals.
    .target(name: "Machine", dependencies: ["CProcessor"], swiftSettings: settings),

    // MARK: Floor 0: module maps and static inline shims, for mpi.h, yaml.h, zlib.h and the processor. No logic.
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(name: "CProcessor"),
    /// Without pkg-config, which would link the shared library.
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

    // MARK: Tests mirror the sources.
    .testTarget(name: "MachineTests", dependencies: ["Machine", "TestSupport"], swiftSettings: settings),
    /// Lends CPUs to itself; started by Tests/MachineTests/ConcurrentlyTests.swift under taskset.
    .executableTarget(
      name: "machine-probe", dependencies: ["Machine"], path: "Tests/MachineProbe", swiftSettings: settings),
    .testTarget(
      name: "NumericsTests", dependencies: ["Numerics", "ElementaryFunctions", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "KernelOperands", "Numerics", "TestSupport"],
      swiftSettings: settings),
    .testTarget(name: "MPITests", dependencies: ["MPI", "Machine"], swiftSettings: settings),
    /// Calls every collective under mpirun; started by Tests/MPITests/ProbeTests.swift.
    .executableTarget(
      name: "mpi-probe", dependencies: ["MPI", "Machine"], path: "Tests/MPIProbe", swiftSettings: settings),
    .testTarget(
      name: "ExpressionsTests",
      dependencies: ["Expressions", "ElementaryFunctions", "Numerics", "FuzzReaders", "TestSupport"],
      swiftSettings: settings),
    .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: settings),
    .testTarget(name: "FormatsTests", dependencies: ["Formats", "Machine", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "NeuralNetworkTests",
      dependencies: ["NeuralNetwork", "KernelOperands", "ElementaryFunctions", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "EventsTests",
      dependencies: ["Events", "Expressions", "Formats", "Machine", "MPI", "Numerics", "FuzzReaders", "TestSupport"],
      exclude: ["numpy_roundtrip.py"], swiftSettings: settings),
    .testTarget(
      name: "RunFilesTests",
      dependencies: [
        "RunFiles", "Results", "NeuralNetwork", "Events", "KernelOperands", "Machine", "FuzzReaders", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(name: "ChecksTests", dependencies: ["Checks", "Events", "Numerics"], swiftSettings: settings),
    .testTarget(name: "ResultsTests", dependencies: ["Results", "Numerics"], swiftSettings: settings),
    /// Trains on small files of events, and so needs what loads them.
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Results", "Runs", "RunFiles", "Events", "NeuralNetwork", "MPI", "KernelOperands", "Machine",
        "TestSupport",
      ], swiftSettings: settings),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Runs", "Training", "Results", "RunFiles", "Events", "Formats", "NeuralNetwork", "MPI", "KernelOperands",
        "Machine",
        "FuzzReaders", "TestSupport",
      ], swiftSettings: settings),
    .testTarget(
      name: "BenchmarkTests", dependencies: ["Benchmark", "NeuralNetwork", "Machine"], swiftSettings: settings),
    /// Folders for the files of tests.
    .target(name: "TestSupport", dependencies: ["Machine"], path: "Tests/Support", swiftSettings: settings),
    /// What must hold for readers of arbitrary bytes: for the tests and for launch/fuzz.
    .target(
      name: "FuzzReaders",
      dependencies: ["Runs", "Results", "RunFiles", "Events", "Expressions", "Formats", "Machine"],
      path: "Tests/Fuzz/Readers", swiftSettings: settings),
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
