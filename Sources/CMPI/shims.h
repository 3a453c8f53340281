// What Swift cannot import from mpi.h: macros that are casts, and calls with a pointer to a handle. No logic.
#ifndef DIST_TRAIN_CMPI_SHIMS_H
#define DIST_TRAIN_CMPI_SHIMS_H
#include <mpi.h>

static inline MPI_Comm shim_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Errhandler shim_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype shim_double(void) { return MPI_DOUBLE; }
static inline MPI_Datatype shim_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype shim_int64(void) { return MPI_INT64_T; }
static inline MPI_Op shim_sum(void) { return MPI_SUM; }
static inline const void *shim_in_place(void) { return MPI_IN_PLACE; }

// Handles by value: a pointer to a handle has another type in Swift where handles are integers (MPICH).
typedef struct {
  int code;
  MPI_Comm communicator;
} shim_new_communicator;

static inline shim_new_communicator shim_comm_dup(MPI_Comm original) {
  shim_new_communicator copy = {MPI_SUCCESS, MPI_COMM_NULL};
  copy.code = MPI_Comm_dup(original, &copy.communicator);
  return copy;
}
static inline int shim_comm_free(MPI_Comm communicator) { return MPI_Comm_free(&communicator); }
#endif
