package import Events
package import Expressions
import Machine

// The keys of `data` for preprocessing: missing, selection, derived, transform.

extension RunFile {
  /// The preprocessing of columns, as written in the run file.
  package struct PreprocessingKeys: Equatable, Sendable, Codable {
    /// Values that mean "missing". Default: none.
    package var missing: Missing?
    /// A condition that events must pass. Default: none.
    package var selection: String?
    /// Variables computed from columns. Default: none.
    package var derived: Derived?
    /// The transforms of features, by name. Default: none.
    package var transform: [Transform]
    /// The object whose φ is subtracted from the φ of all others. Default: none.
    package var rotate: String?

    package struct Missing: Equatable, Sendable, Codable {
      package var values: [Double]
      /// Whether `values` contains nan.
      package var allowsNaN: Bool
      /// Default: the median.
      package var fill: MissingValues.Fill
      package var flag: Flags

      /// The features that get an extra input, which says whether they are missing.
      package enum Flags: Equatable, Sendable, Codable {
        case nothing
        /// All of `data.features`.
        case everything
        case of([String])
      }
    }

    package struct Derived: Equatable, Sendable, Codable {
      /// Objects that the column names do not define.
      package var objects: [EventObject]
      /// Objects that are sums of others, by name: `jet1 + jet2`.
      package var sums: [Definitions.Definition]
      package var standard: Standard
      package var features: [Definitions.Definition]

      /// The objects for which the standard variables are computed.
      package enum Standard: Equatable, Sendable, Codable {
        case nothing, everything
        case of([String])
      }
    }

    package struct Transform: Equatable, Sendable, Codable {
      /// The name of a feature, or a pattern in which `*` matches any text.
      package var feature: String
      package var steps: [FeatureTransform]
    }

    /// The transforms of a feature: those given for its exact name, else for the first matching pattern.
    func steps(of feature: String) -> [FeatureTransform] {
      let found =
        transform.first { $0.feature == feature } ?? transform.first { feature.matches(pattern: $0.feature) }
      return found?.steps ?? []
    }

    /// Whether no key is set.
    var isEmpty: Bool {
      missing == nil && selection == nil && derived == nil && transform.isEmpty && rotate == nil
    }
  }
}
