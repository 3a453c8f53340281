import ArgumentParser
import Events
import Machine
import RunFiles
import Runs
import Training

struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a network's inputs for the events in a file.",
    usage: "dist-train features <run> <events> -o <features.npy|features.csv> [options]",
    discussion: """
      dist-train features runs/my-run events.npy -o features.csv

      The output has one row per event and one column per input of the network,
      in float32: columns and derived features, with missing values filled and
      transforms applied, but not standardised. The first line of a .csv file
      names them.

      Expressions in data.selection and data.derived.features can use

        + - * / **  < <= > >= == !=  and or not  && || !  ( )

      functions of numbers

        abs sqrt log log10 log1p exp expm1 sin cos tan atan atan2 sinh cosh tanh
        asinh floor min max  pow(x, y)  clip(x, lower, upper)  missing(x)
        where(condition, x, y)  angle(x, y): x - y, between -pi and pi

      and functions of objects, or of sums of objects such as jet1 + jet2, to which
      data.derived.objects may give a name (hbb: jet1 + jet2)

        dR(a, b)  deta(a, b)  dphi(a, b)  mT(a, b): transverse mass of massless
        objects
        mass pt eta phi px py pz energy: of the sum of one or more objects
        ht: the sum of the pt of one or more objects
        min_dR max_dR min_mass max_mass min_deta max_deta min_dphi max_dphi
        min_pt max_pt min_mT max_mT: over all pairs of two or more objects
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write: .npy or .csv.", valueName: "features.npy"))
  var output: String

  @OptionGroup var source: EventFileOptions

  func run() throws {
    try withOneRank { _ in try write(Console(speaks: true, progress: .off)) }
  }

  private func write(_ report: Console) throws {
    let format = try ScoresFormat(ofFile: output, among: [.npy, .csv])
    let model = try ModelFile(source.model)
    let run = try model.runFile()
    let names = model.checkpoint.model.featureNames
    let destination = try model.output(output, of: [source.file], run)
    let events = try model.inputs(
      of: source.file, run, layout: source.layout.fileLayout,
      bytesPerEvent: Double(names.count) * format.bytesPerValue)
    try destination.write(format.encoded(events.values, columns: names))
    // Not onto a stream, where it would mix with the table.
    guard !destination.isStream else { return }
    report.print("Wrote \(output): \(counted(events.events, "event")) × \(counted(names.count, "feature"))")
  }
}
