/// Elementary functions of one double, for initial weights, schedules and reports.
///
/// They are built from +, −, ×, ÷, fused multiply-add and the bits of a number alone, which IEEE 754 fixes to the last
/// bit; so, unlike those of a mathematics library, they give the same bits on every machine.
public enum Elementary {}
