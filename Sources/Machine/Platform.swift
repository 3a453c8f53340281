// The C library, for every module above this one: the only place that asks which one there is.
#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#else
  @_exported public import Darwin
#endif

// Under names of their own, as a type's own `write`, `rename` or `close` would hide them where it calls them.

func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(descriptor, start, count)  // The caller owns `count` bytes.
}

func systemRename(_ path: String, _ newPath: String) -> Int32 { unsafe rename(path, newPath) }

func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
