// The one function of libFuzzer that is called; its own header, FuzzerInterface.h, is C++.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
