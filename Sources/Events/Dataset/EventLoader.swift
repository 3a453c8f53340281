import Machine
public import MPI

/// What events to load, and what to do to them.
public struct EventLoader: Sendable {
  public var processes: [ProcessFiles]
  /// Where relative paths of files start.
  public var directory: String
  /// What is taken from the files.
  public var request: EventRequest
  public var split: Split
  public var seed: UInt64
  public var scaling: Scaling
  public var classWeights: ClassWeights

  public init(
    processes: [ProcessFiles], directory: String, request: EventRequest, split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights
  ) {
    self.processes = processes
    self.directory = directory
    self.request = request
    self.split = split
    self.seed = seed
    self.scaling = scaling
    self.classWeights = classWeights
  }

  /// Reads, checks and divides the events on rank 0 and gives them to all ranks; every host has one copy. If rank 0 cannot
  /// read, or a host has no room, all ranks fail in the same way. `didRead` hears on rank 0 which files were read, before
  /// anything is done with them.
  /// - Collective: every rank of the communicator calls it.
  public func load(
    _ communicator: borrowing Communicator, didRead: ([EventFile]) -> Void = { _ in }
  ) throws -> LoadedEvents {
    var division: EventDivision?  // On rank 0.
    let header: EventStore.Header = try communicator.fromRoot {
      let read = try readProcesses(processes, directory: directory, request)
      didRead(read.flatMap(\.files))
      let divided = try EventDivision(
        read, featureNames: request.features, split: split, seed: seed, scaling: scaling, classWeights: classWeights)
      division = divided
      return divided.header
    }
    // Rank 0 moves the events to their places, and the others wait.
    let store = try communicator.watchdog.during(.reading) {
      do {
        return try EventStore(header, sharedBy: communicator) { division?.move(to: &$0) }
      } catch let shortage as MemoryShortage { throw AgreedFailure(.inputOutput, "\(shortage)") }
    }
    return LoadedEvents(store: store, digest: try communicator.fromRoot { store.digest })
  }
}

/// Events in the memory of every host.
public struct LoadedEvents: Sendable {
  public let store: EventStore
  /// ``EventStore/digest`` of the store, computed on rank 0.
  public let digest: String
}
