import Machine

/// A number to four digits: 12,340 → "12,340", 0.01234 → "0.01234", 1.234e-12 → "1.234e-12".
func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
  var (mantissa, exponent) = (value.magnitude, 0)
  while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
  let sign = value < 0 ? "-" : ""
  switch exponent {
  case 4...5: return sign + grouped(Int(value.magnitude.rounded()))
  case -3...3: return decimals(value, 3 - exponent)
  default: return "\(sign)\(decimals(mantissa, 3))e\(exponent)"
  }
}
