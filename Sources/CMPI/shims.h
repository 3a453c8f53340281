// What Swift cannot import from mpi.h: macros that are casts of addresses. Constants only, no logic.
#ifndef DIST_TRAIN_CMPI_SHIMS_H
#define DIST_TRAIN_CMPI_SHIMS_H
#include <mpi.h>

static inline MPI_Comm shim_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Comm shim_comm_null(void) { return MPI_COMM_NULL; }
static inline MPI_Info shim_info_null(void) { return MPI_INFO_NULL; }
static inline MPI_Errhandler shim_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype shim_double(void) { return MPI_DOUBLE; }
static inline MPI_Datatype shim_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype shim_int64(void) { return MPI_INT64_T; }
static inline MPI_Op shim_sum(void) { return MPI_SUM; }
static inline const void *shim_in_place(void) { return MPI_IN_PLACE; }
#endif
