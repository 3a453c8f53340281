/// The first character of `text` from `start` on, and its place, that is neither blank nor line break nor in a comment nor
/// in a line of three dots, which ends a document; nil where there is none.
///
/// Before and after a document this is what the parser skips.
func firstContent(of text: String, from start: YAMLMark) -> (mark: YAMLMark, scalar: Unicode.Scalar)? {
  var mark = start
  var rest = text.unicodeScalars.dropFirst(start.offset)
  var previous: Unicode.Scalar?
  var isComment = false
  while let scalar = rest.first {
    switch scalar {
    case _ where scalar.endsLine: isComment = false
    case _ where isComment: break
    case " ", "\t": break
    case "#": isComment = true
    case "." where mark.column == 1 && rest.startsWithDocumentEnd:
      for _ in 0..<2 { mark.advance(over: rest.removeFirst(), after: nil) }
    default: return (mark, scalar)
    }
    mark.advance(over: rest.removeFirst(), after: previous)
    previous = scalar
  }
  return nil
}

extension Substring.UnicodeScalarView {
  /// Whether it starts with three dots and a blank or the end of the line.
  fileprivate var startsWithDocumentEnd: Bool {
    starts(with: "...".unicodeScalars) && (dropFirst(3).first.map { $0 == " " || $0 == "\t" || $0.endsLine } ?? true)
  }
}
