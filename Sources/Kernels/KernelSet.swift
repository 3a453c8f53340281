import Machine

/// The SIMD kernels in one of their builds: the same source for every kind of vector register, and so the same bits.
///
/// Users keep the value; a call is a branch and a jump.
public struct KernelSet: Equatable, Sendable {
  /// Whether it is the build for AVX-512.
  @usableFromInline let isWide: Bool

  /// The kernels that run on every supported CPU: AVX2 and FMA (x86-64-v3), or NEON.
  public static let baseline = KernelSet(isWide: false)
  private static let wide = KernelSet(isWide: true)

  /// Those that this CPU can run, the fastest last; ``baseline`` also where ``refusal`` says that there is none.
  public static var available: [KernelSet] { sets(for: .current) }

  /// Those that such a CPU can run, the fastest last.
  private static func sets(for processor: ProcessorFeatures) -> [KernelSet] {
    processor.hasWideVectors ? [baseline, wide] : [baseline]
  }

  /// The environment variable that names the set to use, by the names of ``name``.
  public static let variable = "DIST_TRAIN_VECTORS"

  /// The fastest set that this CPU can run, or the one that ``variable`` names.
  public static let chosen = (try? choose(named: environmentVariable(variable), for: .current)) ?? baseline

  /// Why ``chosen`` cannot be used: the CPU is too old, or the environment names a set that it does not have. nil if it can.
  public static var refusal: KernelRefusal? {
    do throws(KernelRefusal) { _ = try choose(named: environmentVariable(variable), for: .current) } catch {
      return error
    }
    return nil
  }

  /// The set for such a CPU if the environment variable has this value.
  public static func choose(named name: String?, for processor: ProcessorFeatures) throws(KernelRefusal) -> KernelSet {
    guard processor.missing.isEmpty else {
      throw KernelRefusal(
        isOfCPU: true,
        reason:
          "this CPU lacks \(processor.missing.joined(separator: ", ")); dist-train needs x86-64-v3 (Intel Haswell of "
          + "2013, AMD Excavator of 2015, or newer): start it on another node")
    }
    let sets = sets(for: processor)
    guard let name, !name.isEmpty else { return sets[sets.count - 1] }
    guard let set = sets.first(where: { $0.name == name }) else {
      let names = sets.map(\.name).joined(separator: " and ")
      throw KernelRefusal(
        isOfCPU: false, reason: "\(variable)=\(name): this CPU has \(names); unset it for the fastest")
    }
    return set
  }

  /// `avx2`, `avx512`, `neon` or `scalar`.
  public var name: String {
    #if arch(x86_64)
      isWide ? "avx512" : "avx2"
    #elseif arch(arm64)
      "neon"
    #else
      "scalar"
    #endif
  }

  /// The vector instructions that it uses, for messages.
  public var instructionSet: String {
    switch name {
    case "avx512": "AVX-512 (x86-64-v4)"
    case "avx2": "AVX2 + FMA (x86-64-v3)"
    case "neon": "NEON (arm64)"
    default: name
    }
  }
}

/// Why no kernels can be chosen.
public struct KernelRefusal: Error {
  /// Whether the CPU is too old, not the environment wrong.
  public let isOfCPU: Bool
  /// What, and what to do.
  public let reason: String
}
