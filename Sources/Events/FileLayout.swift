public enum FileLayout: String, CaseIterable, Sendable {
  case featuresByRow = "features_by_row"
  case eventsByRow = "events_by_row"
}
