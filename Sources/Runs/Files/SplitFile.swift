import Events
import Formats
import Machine

/// `split.npy`: what each event is used for, a `uint8` an event that `numpy.load` opens: 0 training, 1 validation, 2 test, 3 in the
/// training part but not trained on, as its training weight is 0, 4 only evaluated, 5 recorded data, 6 left out by the
/// selection.
///
/// Events are ordered as in their files, and files as in events.json, which has the number of each file's first event. Written
/// once, when the run starts: a run that continues has the same events and the same division, and the file is left as it is.
struct SplitFile {
  private let uses: [EventUse]

  init(_ uses: [EventUse]) { self.uses = uses }

  /// All of it in memory: one byte an event, where reading an event took 50 or more.
  var bytes: [UInt8] {
    var bytes = npyHeader(shape: [uses.count], descr: "|u1")
    bytes.reserveCapacity(bytes.count + uses.count)
    for use in uses { bytes.append(UInt8(truncatingIfNeeded: use.rawValue)) }
    return bytes
  }

  /// Writes it to a folder; of a run that continues only where it is missing, as in those of older versions, or where it is not that of
  /// these events.
  func write(to folder: RunFolder, isNew: Bool) throws(FileError) {
    let bytes = bytes
    if !isNew, (try? FileSystem.read(folder.split)) == bytes { return }
    try AtomicFile.write(bytes, to: folder.split)
  }
}
