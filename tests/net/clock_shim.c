/*
** Preloaded into a process, moves its wall clock: by the number of seconds in
** the file that CLOCK_SHIM names, read anew at each look. The monotonic clock
** goes on as it is, as after settimeofday(2), unless CLOCK_SHIM_MONOTONIC names
** another such file: for waits that last too long for a test.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(const char *name) {
  char text[32];
  const char *path = getenv(name);
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
  if (fd >= 0) {
    close(fd);
  }
  text[n > 0 ? n : 0] = '\0';
  return atol(text);
}

int clock_gettime(clockid_t id, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  }
  int rc = real(id, now);
  if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += shift("CLOCK_SHIM");
  } else if (rc == 0 && id == CLOCK_MONOTONIC) {
    now->tv_sec += shift("CLOCK_SHIM_MONOTONIC");
  }
  return rc;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec t;
  (void)zone;
  int rc = clock_gettime(CLOCK_REALTIME, &t);
  now->tv_sec = t.tv_sec;
  now->tv_usec = t.tv_nsec / 1000;
  return rc;
}

time_t time(time_t *out) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (out) {
    *out = t.tv_sec;
  }
  return t.tv_sec;
}
