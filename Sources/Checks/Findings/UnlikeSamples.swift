import Events
import Machine

extension EventCheck {
  /// Features whose distributions differ between the files of a process by more than statistical fluctuations.
  ///
  /// Files of one process should agree. D is the largest distance between the cumulative distributions. D > ½ means that the distributions
  /// hardly overlap, D > 0.2 that something else was simulated or selected.
  static let unlikeFiles = EventCheck { events in
    events.survey.processes.flatMap { process in
      events.survey.features.indices.compactMap { feature -> Finding? in
        let columns = process.columnsOfFiles(feature, of: events.survey.features.count)
        guard columns.count > 1 else { return nil }
        // Comparing each file with each other would be quadratic, so each is compared with all events of the process.
        let all = SortedColumn(merging: columns)
        let distances = columns.map { column in
          column.count >= 50 && column.significance(ofDistanceFrom: all) > 2.7 ? column.distance(from: all) : 0
        }
        // With two files of the same size, each is half of all events and D is half as large.
        let largest = distances.indices.max { distances[$0] < distances[$1] } ?? 0
        let share = Double(columns[largest].count) / Double(all.count)
        let distance = distances[largest] / max(1e-9, 1 - share)
        guard distance > 0.2 else { return nil }
        return Finding(
          distance > 0.5 ? .warning : .note, "files-differ", file: process.files[largest].path, process: process.name,
          feature: events.survey.features[feature],
          what:
            "is distributed differently in this file than in the others of the process (Kolmogorov–Smirnov distance "
            + "\(decimals(distance, 2)))",
          advice: "check that the file belongs to the process and was made the same way")
      }
    }
  }

  /// The same between training, validation and test events if files or a column define the split.
  static let unlikeUses = EventCheck { events in
    guard !events.survey.isDividedByChance else { return [] }
    return events.trained.flatMap { number in
      let process = events.survey.processes[number]
      return events.survey.features.indices.compactMap { feature -> Finding? in
        let values = process.sample.column(feature, of: events.survey.features.count)
        let columns = [EventUse.training, .validation, .test].map { use in
          SortedColumn(zip(values, process.sample.uses).filter { $1 == use }.map(\.0))
        }
        for (column, name) in [(columns[1], "validation"), (columns[2], "test")]
        where columns[0].count >= 50 && column.count >= 50 {
          let distance = columns[0].distance(from: column)
          guard distance > 0.1, columns[0].significance(ofDistanceFrom: column) > 2.7 else { continue }
          return Finding(
            .warning, "splits-differ", process: process.name, feature: events.survey.features[feature],
            what:
              "is distributed differently in the \(name) events than in the training events (Kolmogorov–Smirnov distance "
              + "\(decimals(distance, 2)))",
            advice:
              "split the events randomly (split.by: random or event), or by a column unrelated to the physics"
          )
        }
        return nil
      }
    }
  }
}
