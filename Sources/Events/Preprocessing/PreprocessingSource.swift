import Expressions
import Machine

/// A preprocessing to be fitted, or one that is already fitted.
public enum PreprocessingSource: Equatable, Sendable {
  /// To be fitted to the training events that are loaded.
  case measured(Preprocessing)
  /// Already fitted, to other events.
  case given(FittedPreprocessing)

  var preprocessing: Preprocessing {
    switch self {
    case .measured(let preprocessing): preprocessing
    case .given(let fitted): fitted.preprocessing
    }
  }

  /// The preprocessing with its fit. `sample` returns the values that the first preprocessor computes for every n-th training event selected
  /// by the second, and whether a larger sample could have more of them.
  func fitted(
    events: Int, _ sample: (Preprocessor, Preprocessor, Int) throws(DataError) -> (values: [[Double]], isWhole: Bool)
  ) throws(DataError) -> FittedPreprocessing {
    switch self {
    case .given(let fitted): return fitted
    case .measured(let preprocessing):
      let plan = FitPlan(preprocessing)
      if let fit = plan.withoutEvents { return FittedPreprocessing(preprocessing: preprocessing, fit: fit) }
      let (preprocessor, selector): (Preprocessor, Preprocessor)
      do throws(DefinitionError) {
        preprocessor = try Preprocessor(unfitted: preprocessing, outputs: plan.outputs)
        selector = try .selector(preprocessing)
      } catch { throw DataError(error) }
      let every = max(1, events / FitPlan.mostEvents)
      var (values, isWhole) = try sample(preprocessor, selector, every)
      // If few events are selected, or have this feature, all are used.
      if every > 1, isWhole,
        values.contains(where: { column in column.count { !$0.isNaN } < FitPlan.fewestValues })
      {
        (values, isWhole) = try sample(preprocessor, selector, 1)
      }
      return FittedPreprocessing(
        preprocessing: preprocessing,
        fit: try plan.fit(to: values, hasSelection: preprocessing.selection != nil))
    }
  }
}

extension FittedPreprocessing {
  /// Whether it is consistent, for one read from an untrusted file.
  public var isSound: Bool {
    let features = preprocessing.features.count
    // Checked before the inputs are built: a sine and cosine gives two.
    guard preprocessing.features.allSatisfy({ feature in feature.transforms.dropLast().allSatisfy { !$0.isLast } })
    else { return false }
    guard fit.fills.isEmpty == (preprocessing.missing == nil), fit.fills.isEmpty || fit.fills.count == features,
      fit.quantiles.count == features, fit.fills.allSatisfy(\.isFinite)
    else { return false }
    for input in preprocessing.inputs where input.quantile != nil {
      guard let feature = input.feature, !fit.quantiles[feature].isEmpty,
        zip(fit.quantiles[feature], fit.quantiles[feature].dropFirst()).allSatisfy({ $0 <= $1 })
      else { return false }
    }
    return (try? Preprocessor(self)) != nil
  }
}

extension Preprocessor {
  init(of fitted: FittedPreprocessing) throws(DataError) {
    do throws(DefinitionError) { try self.init(fitted) } catch { throw DataError(error) }
  }
}

extension DataError {
  /// An error in a definition that appears only with the events, such as a fill value without a logarithm.
  init(_ error: DefinitionError) {
    self.init(.badData, file: "feature \(error.name)", what: error.error.what, advice: error.error.advice)
  }
}
