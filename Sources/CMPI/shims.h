// What Swift cannot import from mpi.h: macros that are casts, and calls with a pointer to a handle. No logic.
#ifndef DIST_TRAIN_CMPI_SHIMS_H
#define DIST_TRAIN_CMPI_SHIMS_H
#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

static inline MPI_Comm shim_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Errhandler shim_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype shim_double(void) { return MPI_DOUBLE; }
static inline MPI_Datatype shim_float(void) { return MPI_FLOAT; }
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
static inline shim_new_communicator shim_comm_split(MPI_Comm original, int color, int key) {
  shim_new_communicator part = {MPI_SUCCESS, MPI_COMM_NULL};
  part.code = MPI_Comm_split(original, color, key, &part.communicator);
  return part;
}
static inline shim_new_communicator shim_comm_split_shared(MPI_Comm original, int key) {
  shim_new_communicator part = {MPI_SUCCESS, MPI_COMM_NULL};
  part.code = MPI_Comm_split_type(original, MPI_COMM_TYPE_SHARED, key, MPI_INFO_NULL, &part.communicator);
  return part;
}
static inline int shim_comm_free(MPI_Comm communicator) { return MPI_Comm_free(&communicator); }

// Requests are handles of another type in every MPI.
typedef struct {
  int code;
  MPI_Request request;
} shim_new_request;

static inline shim_new_request shim_ibarrier(MPI_Comm communicator) {
  shim_new_request made = {MPI_SUCCESS, MPI_REQUEST_NULL};
  made.code = MPI_Ibarrier(communicator, &made.request);
  return made;
}
static inline int shim_test(MPI_Request *request, int *is_done) {
  return MPI_Test(request, is_done, MPI_STATUS_IGNORE);
}

// Ranks that share memory tell each other by numbers in it how far they are.
static inline void shim_store_release(uint64_t *place, uint64_t value) {
  __atomic_store_n(place, value, __ATOMIC_RELEASE);
}
static inline uint64_t shim_load_acquire(const uint64_t *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
static inline int shim_progress(MPI_Comm communicator) {
  int is_there;
  return MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, communicator, &is_there, MPI_STATUS_IGNORE);
}

typedef struct {
  int code;
  MPI_Win window;
  void *start;
} shim_new_window;

static inline shim_new_window shim_win_allocate_shared(MPI_Aint bytes, MPI_Comm communicator) {
  shim_new_window made = {MPI_SUCCESS, MPI_WIN_NULL, NULL};
  made.code = MPI_Win_allocate_shared(bytes, 1, MPI_INFO_NULL, communicator, &made.start, &made.window);
  return made;
}
static inline int shim_win_free(MPI_Win window) { return MPI_Win_free(&window); }
#endif
