/// A particle, a jet or the missing transverse momentum of an event, given by the columns that hold its momentum.
public struct EventObject: Codable, Equatable, Sendable {
  /// The source of a mass, in the unit of pt.
  public enum Mass: Codable, Equatable, Sendable {
    case column(String)
    case constant(Double)
  }

  public var name: String
  /// The column of the transverse momentum (in GeV, for example), and that of the azimuth in radians.
  public var pt: String
  public var phi: String
  /// The column of the pseudorapidity; nil for an object with only a transverse momentum.
  public var eta: String?
  /// nil: massless.
  public var mass: Mass?

  public init(name: String, pt: String, eta: String?, phi: String, mass: Mass? = nil) {
    (self.name, self.pt, self.eta, self.phi, self.mass) = (name, pt, eta, phi, mass)
  }

  /// The columns that define it.
  public var columns: [String] {
    var columns = [pt] + [eta].compactMap { $0 } + [phi]
    if case .column(let mass) = mass { columns.append(mass) }
    return columns
  }
}

extension EventObject {
  /// The objects defined by column names: each prefix with `_pt` and `_phi`, and optionally `_eta` and `_mass`, in the order of the `_pt`
  /// columns.
  public static func objects(in columns: [String]) -> [EventObject] {
    let all = Set(columns)
    return columns.compactMap { column in
      guard column.hasSuffix("_pt"), column.utf8.count > 3 else { return nil }
      let name = String(column.dropLast(3))
      guard all.contains(name + "_phi") else { return nil }
      return EventObject(
        name: name, pt: column, eta: all.contains(name + "_eta") ? name + "_eta" : nil, phi: name + "_phi",
        mass: all.contains(name + "_mass") ? .column(name + "_mass") : nil)
    }
  }
}
