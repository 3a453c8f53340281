package import Events
package import Expressions
import Machine

// The keys of `data` that say what is made of the columns: missing, selection, derived, transform.

extension RunFile {
  /// What is made of the columns of files before a network sees them, as the run file says it.
  package struct PreprocessingKeys: Equatable, Sendable, Codable {
    /// Values that stand for something missing. Default: none.
    package var missing: Missing?
    /// A condition that events must meet. Default: none.
    package var selection: String?
    /// Variables made of columns. Default: none.
    package var derived: Derived?
    /// For features by name, what is done to them. Default: nothing.
    package var transform: [Transform]
    /// The object whose φ is subtracted from that of all others. Default: none.
    package var rotate: String?

    package struct Missing: Equatable, Sendable, Codable {
      package var values: [Double]
      /// Whether `values` has nan.
      package var allowsNaN: Bool
      /// Default: the median.
      package var fill: MissingValues.Fill
      package var flag: Flags

      /// The features that get an input which says whether they are missing.
      package enum Flags: Equatable, Sendable, Codable {
        case nothing
        /// All of `data.features`.
        case everything
        case of([String])
      }
    }

    package struct Derived: Equatable, Sendable, Codable {
      /// Objects that the names of columns do not make by themselves.
      package var objects: [EventObject]
      /// Objects that are sums of others, by name: `jet1 + jet2`.
      package var sums: [Definitions.Definition]
      package var standard: Standard
      package var features: [Definitions.Definition]

      /// The objects of which the usual variables are made.
      package enum Standard: Equatable, Sendable, Codable {
        case nothing, everything
        case of([String])
      }
    }

    package struct Transform: Equatable, Sendable, Codable {
      /// The name of a feature, or of several with `*` for any text.
      package var feature: String
      package var steps: [FeatureTransform]
    }

    /// What is done to a feature: what its own name says, else the first name with `*` that is like it.
    func steps(of feature: String) -> [FeatureTransform] {
      let found =
        transform.first { $0.feature == feature } ?? transform.first { feature.matches(pattern: $0.feature) }
      return found?.steps ?? []
    }

    /// Whether there is none of this.
    var isEmpty: Bool {
      missing == nil && selection == nil && derived == nil && transform.isEmpty && rotate == nil
    }
  }
}
