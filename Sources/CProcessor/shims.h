// What a processor says about itself, and hints to it, for Swift. No logic.
#ifndef CPROCESSOR_SHIMS_H
#define CPROCESSOR_SHIMS_H

#include <stddef.h>
#include <stdint.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

// Between two looks at a value that another thread will change: the core's other hardware thread goes first.
static inline void shim_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

// Some time before what stands at an address is read.
static inline void shim_prefetch(const void *address) { __builtin_prefetch(address); }

// Which processors the calling thread may run on, a bit each. The C library's function is hidden from Swift, and its masks end at 1023.
// Returns 0, or -1 with errno.
static inline long shim_set_affinity(const void *mask, size_t bytes) {
#if defined(__linux__)
  return syscall(SYS_sched_setaffinity, 0, bytes, mask);
#else
  return -1;
#endif
}

typedef struct {
  uint32_t eax, ebx, ecx, edx;
} shim_cpuid_registers;

#if defined(__x86_64__)
#include <cpuid.h>

// All zero for a leaf that the processor does not have.
static inline shim_cpuid_registers shim_cpuid(uint32_t leaf, uint32_t subleaf) {
  shim_cpuid_registers registers = {0, 0, 0, 0};
  __get_cpuid_count(leaf, subleaf, &registers.eax, &registers.ebx, &registers.ecx, &registers.edx);
  return registers;
}

// Which registers the operating system saves. Only where CPUID says OSXSAVE.
static inline uint64_t shim_xgetbv(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}
#endif

#endif
