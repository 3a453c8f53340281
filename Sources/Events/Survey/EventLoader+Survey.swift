import Formats
import Machine
import Numerics

extension EventLoader {
  /// Reads the events as a training would, on all CPUs, but continues after errors: whatever a training would refuse or warn of becomes a
  /// finding.
  ///
  /// A process with an unreadable file is left out; then there are no findings about classes, since some of their events may be missing.
  public func survey(_ plan: SurveyPlan = SurveyPlan()) -> EventSurvey {
    let classes = classes ?? EventClasses(eachOf: processes.map(\.name))
    var survey = EventSurvey(
      features: featureNames, classes: classes.names, processes: [], isDividedByChance: split.hasShares)
    let (read, numbers) = readWhatCanBe(&survey.findings)
    guard !read.isEmpty else { return survey }
    var readable = classes
    readable.roles = numbers.map { classes.roles[$0] }
    do throws(DataError) {
      let reading = try EventDivision.read(
        read, featureNames: featureNames, split: split, seed: seed, classes: readable, weighting: weighting,
        preprocessing: preprocessing, surveying: plan)
      let scan = reading.scan
      survey.findings += scan.unusable.findings + scan.faults.map { Finding($0, code: "unusable-value") }
      survey.processes = read.indices.map { number in
        process(read[number], number, numbers[number], scan, readable)
      }
      guard read.count == processes.count, scan.faults.isEmpty, scan.unusable.found.isEmpty else { return survey }
      survey.findings += judgement(read, reading, readable, isWhole: survey.events == survey.eventsRead)
    } catch { survey.findings.append(Finding(error, code: "unusable-split")) }
    return survey
  }

  /// The processes whose files can all be read, and their indices.
  private func readWhatCanBe(_ findings: inout [Finding]) -> (processes: [ProcessEvents], numbers: [Int]) {
    do throws(DataError) {
      let all = try readProcesses(processes, directory: directory, request, completing: complete)
      return (all, Array(all.indices))
    } catch {
      var errors = [error]
      var (read, numbers) = ([ProcessEvents](), [Int]())
      for (number, process) in processes.enumerated() {
        do throws(DataError) {
          read += try readProcesses([process], directory: directory, request) { request, _ in complete(&request, number)
          }
          numbers.append(number)
        } catch { if !errors.contains(error) { errors.append(error) } }
      }
      findings += errors.map { Finding($0, code: $0.exitCode == .missing ? "missing-file" : "unreadable") }
      return (read, numbers)
    }
  }

  /// Errors and warnings of a training. If not all events were read, an absence of some kind of events is only likely, hence a warning.
  private func judgement(
    _ read: [ProcessEvents], _ reading: EventDivision.Reading, _ classes: EventClasses, isWhole: Bool
  ) -> [Finding] {
    let scan = reading.scan
    let finding = EventDivision.finding(read, scan, split: split, classes: classes, weighting: weighting)
    let refusals = finding.refusals
    guard refusals.isEmpty else {
      return refusals.map { error in
        var finding = Finding(error, code: "nothing-to-train-on")
        if !isWhole { finding.severity = .warning }
        return finding
      } + FeatureWarnings(names: featureNames, flags: reading.flags, scan.moments, sample: scan.sample).findings
    }
    do throws(DataError) {
      return try EventDivision(
        read, reading, featureNames: featureNames, split: split, scaling: scaling, classWeights: classWeights,
        classes: classes, weighting: weighting
      ).findings
    } catch { return [Finding(error, code: "weights-apart")] }
  }

  /// The survey of a process, which has index `number` among the readable processes and `original` among all.
  private func process(
    _ events: ProcessEvents, _ number: Int, _ original: Int, _ scan: EventScan, _ classes: EventClasses
  ) -> EventSurvey.Process {
    let chunks = scan.chunks[number]
    let surveys = chunks.compactMap(\.survey)
    var sample = EventSurvey.Sample()
    var columns = events.files.map { _ in featureNames.map { _ in ColumnRange() } }
    var weights: WeightRange?
    for chunk in chunks {
      guard let survey = chunk.survey else { continue }
      for (feature, column) in survey.columns.enumerated() { columns[chunk.source][feature].append(column) }
      if let found = survey.weights {
        var sum = weights ?? WeightRange()
        sum.append(found)
        weights = sum
      }
      sample.values += survey.values
      sample.files += survey.places.map { _ in chunk.source }
      sample.uses += survey.places.map { chunk.uses[$0] }
      if !chunk.extra.labels.isEmpty { sample.labels += survey.places.map { chunk.extra.labels[$0] } }
      if let found = chunk.extra.weights.first {
        sample.weights += survey.places.map { scaled(Double(found.values[$0]), by: found.unit ?? 0) }
      }
    }
    let groups = ClassGroups(
      scan.groups(ofProcess: number), classes.index(ofProcess: number), classes: classes.names.count)
    return EventSurvey.Process(
      name: events.name, classIndex: classes.index(ofProcess: number), use: classes.roles[number].use,
      events: events.events, eventsRead: chunks.reduce(0) { $0 + $1.events.count },
      files: zip(events.files, columns).map { file, columns in
        EventSurvey.File(path: file.path, columns: columns, unused: unusedColumns(of: file.path, process: original))
      }, sample: sample,
      totals: groups.classes.map { group in
        group.map {
          EventSurvey.Totals(
            counts: $0.counts, absolute: $0.weights.trainedAbsolute, squares: $0.weights.trainedSquares)
        } ?? EventSurvey.Totals()
      }, hashes: surveys.flatMap(\.hashes), uses: chunks.flatMap { $0.uses.filter { $0 != .unselected } },
      labels: chunks.flatMap { chunk in
        zip(chunk.extra.labels, chunk.uses).compactMap { $1 == .unselected ? nil : $0 }
      },
      weights: weights)
  }

  /// The names of the columns of a file that the run file does not use; empty if its columns have no names.
  private func unusedColumns(of path: String, process: Int) -> [String] {
    var request = request
    complete(&request, process)
    let wanted = Set(request.wantedColumns)
    guard var window = try? FileWindow.open(path, capacity: min(request.windowSize, 1 << 20)) else { return [] }
    let names: [String]
    if EventReader.npy.recognises(window) {
      names = (try? NpyHeader(window))?.fields.map(\.name) ?? []
    } else {
      guard let head = try? TextHead(&window, request), let header = head.header else { return [] }
      let bytes = window.buffer.span.extracting(0..<window.count)
      names = header.columns(of: bytes, from: startOfFirstRow(bytes))?.names ?? []
    }
    return names.filter { !$0.isEmpty && !wanted.contains($0) }
  }
}
