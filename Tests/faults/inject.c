// Loaded into a rank with LD_PRELOAD: makes one call go wrong, as FAULT_… in the environment says. Only for Tests/faults.
//
//   FAULT_RANK=1          the rank that it happens to; all others are left alone
//   FAULT_CALL=fsync      the call: pwrite, fsync or rename
//   FAULT_PATH=epoch-     only where the path has this in it; for a rename, the new path
//   FAULT_NTH=3           the third such call of the process
//   FAULT_DO=…            kill-before, kill-after: SIGKILL to itself
//                         errno-28: the call fails with this error
//                         short: writes one byte of what it should
//                         self-10, parent-15: sends a signal to itself or to its parent, then makes the call
//   FAULT_LOG=…           a file that is made at that moment
//   FAULT_ALONE=1         every rank takes itself for the only one of its host, so that MPI carries everything
//   FAULT_EVENTS=flip     the rank receives the events with one bit wrong
//   FAULT_EVENTS=nan-50   the first event becomes NaN in its memory before its 50th allreduce (with FAULT_ALONE)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

static int is_victim(void) {
  const char *rank = getenv("OMPI_COMM_WORLD_RANK");
  return rank && strcmp(rank, setting("FAULT_RANK")) == 0;
}

// Whether this is the call that goes wrong.
static int is_due(const char *call, const char *path) {
  static int calls = 0;
  if (!is_victim() || strcmp(call, setting("FAULT_CALL")) != 0 || !strstr(path, setting("FAULT_PATH"))) return 0;
  return ++calls == atoi(setting("FAULT_NTH"));
}

static void path_of(int descriptor, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, size - 1);
  path[length > 0 ? length : 0] = 0;
}

static void note(void) {
  if (*setting("FAULT_LOG")) close(open(setting("FAULT_LOG"), O_CREAT | O_WRONLY, 0666));
}

// What happens before the call; whether it fails.
static int before(void) {
  note();
  const char *what = setting("FAULT_DO");
  if (strcmp(what, "kill-before") == 0) kill(getpid(), SIGKILL);
  if (strncmp(what, "self-", 5) == 0) kill(getpid(), atoi(what + 5));
  if (strncmp(what, "parent-", 7) == 0) kill(getppid(), atoi(what + 7));
  if (strncmp(what, "errno-", 6) != 0) return 0;
  errno = atoi(what + 6);
  return 1;
}

static void after(void) {
  if (strcmp(setting("FAULT_DO"), "kill-after") == 0) kill(getpid(), SIGKILL);
}

static ssize_t write_at(const char *name, int descriptor, const void *bytes, size_t count, off_t offset) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, name);
  char path[4096];
  path_of(descriptor, path, sizeof path);
  if (!is_due("pwrite", path)) return real(descriptor, bytes, count, offset);
  if (before()) return -1;
  ssize_t result = real(descriptor, bytes, strcmp(setting("FAULT_DO"), "short") == 0 && count > 1 ? 1 : count, offset);
  after();
  return result;
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return write_at("pwrite", descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  return write_at("pwrite64", descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  char path[4096];
  path_of(descriptor, path, sizeof path);
  if (!is_due("fsync", path)) return real(descriptor);
  if (before()) return -1;
  int result = real(descriptor);
  after();
  return result;
}

int rename(const char *old, const char *new) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (!is_due("rename", new)) return real(old, new);
  if (before()) return -1;
  int result = real(old, new);
  after();
  return result;
}

// The events are the one large message.
static unsigned char *events = NULL;

int MPI_Bcast(void *buffer, int count, MPI_Datatype type, int root, MPI_Comm communicator) {
  int code = PMPI_Bcast(buffer, count, type, root, communicator);
  if (type == MPI_BYTE && count > 100000 && is_victim()) {
    events = buffer;
    if (strcmp(setting("FAULT_EVENTS"), "flip") == 0) events[count / 2] ^= 4;
  }
  return code;
}

int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op operation, MPI_Comm communicator) {
  static int calls = 0;
  const char *what = setting("FAULT_EVENTS");
  if (events && strncmp(what, "nan-", 4) == 0 && ++calls == atoi(what + 4)) {
    note();
    *(float *)events = NAN;
  }
  return PMPI_Allreduce(in, out, count, type, operation, communicator);
}

int MPI_Comm_split_type(MPI_Comm communicator, int type, int key, MPI_Info info, MPI_Comm *part) {
  if (!*setting("FAULT_ALONE")) return PMPI_Comm_split_type(communicator, type, key, info, part);
  int rank;
  MPI_Comm_rank(communicator, &rank);
  return PMPI_Comm_split(communicator, rank, key, part);
}
