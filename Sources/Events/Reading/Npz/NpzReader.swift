import Formats
import Machine

extension EventReader {
  /// The arrays of a `.npz` file (`numpy.savez`, `numpy.savez_compressed`): a single one, which is read as that of a `.npy` file, or
  /// several of one value an event, which are columns with their names. Those not requested may be anything.
  static let npz = EventReader(
    recognises: { $0.begins(with: zipMagic) },
    checkHead: { window, request throws(DataError) in
      let archive = try NpzArchive(window)
      if archive.arrays.count == 1 {
        let header = try archive.header(of: archive.arrays[0])
        _ = try EventSource.array(
          header, .file(window.file), size: archive.arrays[0].member.size, request)
      } else {
        let columns = ColumnNames(archive.arrays.map(\.name), in: .archive, request, file: archive.path)
        for (name, key) in request.wantedByKey { _ = try columns.number(of: name, key: key) }
        for array in archive.wanted(request) { try archive.requireColumn(array, archive.header(of: array)) }
      }
    },
    read: { window, request throws(DataError) in
      let archive = try NpzArchive(window)
      guard archive.arrays.count > 1 else {
        let bytes = try archive.unpacked(archive.arrays[0])
        let header = try archive.header(of: archive.arrays[0], bytes)
        return try .array(header, .memory(bytes, path: archive.path), size: bytes.count, request)
      }
      return .columns(try archive.columns(request))
    })
}

extension NpzArchive {
  /// The arrays that a request wants; if it wants none, the first, by which the events are counted.
  fileprivate func wanted(_ request: EventRequest) -> [Array] {
    if request.takesFeatures, request.features.isEmpty { return arrays }
    let names = Set(request.wantedColumns)
    let wanted = arrays.filter { names.contains($0.name) }
    return wanted.isEmpty ? [arrays[0]] : wanted
  }

  /// The columns that a request wants.
  fileprivate func columns(_ request: EventRequest) throws(DataError) -> NpyColumns {
    let wanted = Set(wanted(request).map(\.name))
    var (fields, bytes, first) = ([NpyField](), [UInt8](), (name: String, events: Int)?.none)
    for array in arrays {
      guard wanted.contains(array.name) else {
        fields.append(NpyField(name: array.name, descr: "", offset: 0, size: 0))
        continue
      }
      let unpacked = try unpacked(array)
      let header = try header(of: array, unpacked)
      try requireColumn(array, header)
      let size = header.itemSize ?? 1
      try header.requireValues(of: size, in: path, size: unpacked.count)
      let events = header.shape.reduce(1, *)
      if let first, first.events != events {
        throw DataError(
          .badData, file: path,
          what:
            "\(array.name.abridged()) has \(counted(events, "value")), but \(first.name.abridged()) has \(first.events)",
          advice: "save arrays with one value per event")
      }
      first = first ?? (array.name, events)
      fields.append(
        NpyField(name: array.name, descr: header.descr, offset: bytes.count + header.dataOffset, size: size))
      bytes += unpacked
    }
    return try NpyColumns(
      .memory(bytes, path: path), NpyColumnShape(columnsOf: first?.events ?? 0), fields, in: .archive, request)
  }

  /// Refuses an array without exactly one value per event.
  fileprivate func requireColumn(_ array: Array, _ header: NpyHeader) throws(DataError) {
    guard header.fields.isEmpty, header.shape.count == 1, header.itemSize != nil else {
      throw DataError(
        .badData, file: path,
        what: "\(array.name.abridged()) is \(header.fields.isEmpty ? "an array" : "a structured array") of shape "
          + "\(header.shapeText) among \(arrays.count) arrays",
        advice: "save it in a file of its own (numpy.save), or each of its columns as an array of shape (events,)")
    }
  }
}

extension EventRequest {
  /// The names of the columns that are wanted, with the keys that want them.
  fileprivate var wantedByKey: [(name: String, key: String)] {
    (takesFeatures ? features.map { ($0, Self.featuresKey) } : []) + identity.map { ($0, Self.identityKey) }
      + numbers.map { ($0.name, $0.key) } + categories.map { ($0.column, $0.key) }
  }
}
