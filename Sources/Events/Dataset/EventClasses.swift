/// The classes of the events, and what each process is for.
public struct EventClasses: Equatable, Sendable {
  /// The classes in the order of the network's outputs.
  public var names: [String]
  /// One role a process.
  public var roles: [ProcessRole]
  /// The column that holds the classes of the events of processes that are trained on and have none of their own; its groups are the
  /// classes.
  public var labels: CategoryColumn?

  public init(names: [String], roles: [ProcessRole], labels: CategoryColumn? = nil) {
    (self.names, self.roles, self.labels) = (names, roles, labels)
  }

  /// Every process is a class.
  public init(eachOf processes: [String]) {
    self.init(names: processes, roles: processes.map { ProcessRole(className: $0) })
  }

  /// The class of the events of a process; nil where each has one of its own, or none.
  func index(ofProcess number: Int) -> Int? { roles[number].className.flatMap { names.firstIndex(of: $0) } }

  /// Whether the events of a process have labels.
  func hasLabels(process number: Int) -> Bool {
    labels != nil && roles[number].use == .train && roles[number].className == nil
  }
}
