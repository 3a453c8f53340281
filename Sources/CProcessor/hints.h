// Hints to the processor that Swift has no name for. They change when something happens, never what. No logic.
#ifndef DIST_TRAIN_CPROCESSOR_HINTS_H
#define DIST_TRAIN_CPROCESSOR_HINTS_H

// Between two looks at a value that another thread will change: the core's other hardware thread goes first.
static inline void hint_spin(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

// Some time before what stands at an address is read.
static inline void hint_read(const void *address) { __builtin_prefetch(address); }
#endif
