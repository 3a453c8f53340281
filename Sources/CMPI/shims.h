// What Swift cannot import from mpi.h: macros that are casts of addresses. Constants only, no logic.
#ifndef DIST_TRAIN_CMPI_SHIMS_H
#define DIST_TRAIN_CMPI_SHIMS_H
#include <mpi.h>

static inline MPI_Comm shim_comm_world(void) { return MPI_COMM_WORLD; }
#endif
