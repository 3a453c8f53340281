/// The control groups that bound what this process may use of a resource ("cpu", "memory"): its own and those above it, each
/// a folder with the limits. `read` gives the text of a file, empty if there is none.
///
/// Version 2 has one tree for all resources, version 1 one for each; /proc/self/cgroup says where in them a process is.
public func controlGroups(
  of resource: String, _ read: (String) -> String
) -> [(version: Int, path: String)] {
  var groups: [(version: Int, path: String)] = []
  for line in read("/proc/self/cgroup").split(separator: "\n") {
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, fields[1].isEmpty || fields[1].split(separator: ",").contains(resource[...]) else {
      continue
    }
    let (version, root) = fields[1].isEmpty ? (2, "/sys/fs/cgroup") : (1, "/sys/fs/cgroup/\(resource)")
    var parts = fields[2].split(separator: "/")
    while true {
      groups.append((version, ([root] + parts.map(String.init)).joined(separator: "/")))
      if parts.isEmpty { break }
      parts.removeLast()
    }
  }
  return groups
}
