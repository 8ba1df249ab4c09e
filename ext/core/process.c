/* See process.h. What Linux tells stands in /proc; elsewhere nothing is known,
** and no process is taken for gone. */
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define PID_NAMESPACE "/proc/self/ns/pid"
#define STARTED_FIELD 22 /* of /proc/PID/stat, counted from 1 (proc(5)) */

/* The begin of a file, as text. 1: it could be read. */
static int read_file(const char *path, char *to, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);
  if (fd >= 0) {
    close(fd);
  }
  to[n > 0 ? n : 0] = '\0';
  return n > 0;
}

/* A process' state letter and start time. 0: not told. The name before them may
** hold anything, spaces and brackets too. */
static int read_stat(int64_t pid, char *state, int64_t *started) {
  char path[64], text[1024];
  snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
  char *at = read_file(path, text, sizeof(text)) ? strrchr(text, ')') : NULL;
  if (!at || at[1] != ' ') {
    return 0;
  }
  at += 2;
  *state = *at;
  for (int field = 3; field < STARTED_FIELD; field++) {
    at = strchr(at, ' ');
    if (!at) {
      return 0;
    }
    at++;
  }
  *started = strtoll(at, NULL, 10);
  return 1;
}

void jg_process_self(struct jg_process *out) {
  char boot[48], space[24], state;
  ssize_t n = readlink(PID_NAMESPACE, space, sizeof(space) - 1);
  memset(out, 0, sizeof(*out));
  out->pid = getpid();
  if (!read_file(BOOT_ID, boot, sizeof(boot)) || n <= 0) {
    return;
  }
  boot[strcspn(boot, "\n")] = '\0';
  space[n] = '\0';
  snprintf(out->machine, sizeof(out->machine), "%s %s", boot, space);
  if (!read_stat(out->pid, &state, &out->started)) {
    out->started = 0;
  }
}

int jg_process_is_gone(const struct jg_process *process,
                       const struct jg_process *self) {
  char state = 0;
  int64_t started = 0;
  if (!self->machine[0] || strcmp(process->machine, self->machine) != 0 ||
      process->pid <= 0 || process->pid != (pid_t)process->pid) {
    return 0;
  }
  if (kill((pid_t)process->pid, 0) != 0 && errno == ESRCH) {
    return 1;
  }
  if (process->started == 0 || !read_stat(process->pid, &state, &started)) {
    return 0; /* another user's may be hidden */
  }
  return started != process->started || state == 'Z' || state == 'X';
}
