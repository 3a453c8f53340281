import Testing

import Checks

@Suite struct SortedColumnTests {
  @Test func aColumn() {
    let column = SortedColumn([3, 1, .nan, 2, 2, .infinity])
    #expect(column.values == [1, 2, 2, 3] && column.median == 2 && column.quantile(1) == 3)
    #expect(column.mode == (value: 2, count: 2, distinct: 3))
    #expect(column.count(of: 2) == 2 && column.count(of: 5) == 0 && column.position(of: 3) == 3)
    #expect(
      SortedColumn([]).median.isNaN && SortedColumn(merging: [column, SortedColumn([0])]).values == [0, 1, 2, 2, 3])
    // One pair of six, and half a pair.
    #expect(column.collision == 1.5 / 6)
  }

  @Test func twoColumns() {
    let (a, b) = (SortedColumn([1, 2, 3, 4]), SortedColumn([2, 3]))
    // Of eight pairs a is above b in three, and equal in two.
    #expect(a.auc(above: b) == 4.0 / 8 && b.auc(above: a) == 4.0 / 8)
    #expect(a.distance(from: b) == 0.25 && a.distance(from: a) == 0 && a.distance(from: SortedColumn([9])) == 1)
  }

  @Test func numbersInMessages() {
    #expect(
      rounded(31.4159) == "31.4" && rounded(-0.012345) == "-0.0123" && rounded(123456) == "123000" && rounded(0) == "0")
    #expect(shown(-999) == "-999" && percent(0.05) == "5.0 %" && percent(0.00001) == "less than 0.01 %")
  }
}

@Suite struct QuantityTests {
  @Test(arguments: ["lep_pt", "jet1_pt", "MET", "met", "m_bb", "jetPt", "Jet_mass[0]", "ht", "lep_e", "pt2", "mass"])
  func energies(_ name: String) { #expect(Quantity(ofFeature: name) == .energy) }

  @Test(arguments: [
    "m", "e1", "x", "pt_ratio", "log_pt", "m2", "n_pt", "met_significance", "dR", "charge", "theta", "pt_eta_corr",
    "nbtag",
    "px", "cos_phi", "sin_lep_phi", "deta", "probe_x",
  ])
  func nothingInParticular(_ name: String) { #expect(Quantity(ofFeature: name) == nil) }

  @Test func others() {
    #expect(Quantity(ofFeature: "jet2_eta") == .pseudorapidity && Quantity(ofFeature: "JetEta") == .pseudorapidity)
    #expect(Quantity(ofFeature: "met_phi") == .azimuth && Quantity(ofFeature: "dphi") == .azimuth)
    #expect(Quantity(ofFeature: "jet1_btag") == .score && Quantity(ofFeature: "Jet_btagDeepFlavB") == .score)
    #expect(Quantity(ofFeature: "DeepJet_b") == .score)
  }
}
