/* Does a process live? */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/process.h"
#include "unit.h"

/* A process that waits for the end of its input. */
static pid_t start(int *input, struct jg_process *who) {
  int ways[2], told[2];
  char byte;
  if (pipe(ways) != 0 || pipe(told) != 0) {
    return -1;
  }
  pid_t pid = fork();
  if (pid == 0) {
    struct jg_process self;
    close(ways[1]);
    jg_process_self(&self);
    _exit(write(told[1], &self, sizeof(self)) != (ssize_t)sizeof(self) ||
          read(ways[0], &byte, 1) != 0);
  }
  close(ways[0]);
  close(told[1]);
  if (read(told[0], who, sizeof(*who)) != (ssize_t)sizeof(*who)) {
    memset(who, 0, sizeof(*who));
  }
  close(told[0]);
  *input = ways[1];
  return pid;
}

TEST(process_knows_itself) {
  struct jg_process self, again;
  jg_process_self(&self);
  jg_process_self(&again);
  CHECK_INT(self.pid, getpid());
  CHECK_INT(memcmp(&self, &again, sizeof(self)), 0);
  CHECK_INT(jg_process_is_gone(&self, &self), 0);
}

TEST(process_is_gone_when_it_has_ended) {
  struct jg_process self, other;
  int input = -1;
  jg_process_self(&self);
  if (!self.machine[0]) {
    SKIP("no /proc");
  }
  pid_t pid = start(&input, &other);
  CHECK_INT(other.pid, pid);
  CHECK_TEXT(other.machine, self.machine);
  CHECK_INT(jg_process_is_gone(&other, &self), 0);
  kill(pid, SIGSTOP);
  CHECK_INT(jg_process_is_gone(&other, &self), 0);
  kill(pid, SIGKILL);
  close(input);
  siginfo_t info;
  waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
  CHECK_INT(jg_process_is_gone(&other, &self), 1); /* a zombie */
  waitpid(pid, NULL, 0);
  CHECK_INT(jg_process_is_gone(&other, &self), 1);
}

TEST(process_with_the_id_of_another_is_gone) {
  struct jg_process self, other;
  jg_process_self(&self);
  if (!self.started) {
    SKIP("no /proc");
  }
  other = self;
  other.started--;
  CHECK_INT(jg_process_is_gone(&other, &self), 1);
  other.started = 0; /* not told */
  CHECK_INT(jg_process_is_gone(&other, &self), 0);
}

TEST(process_elsewhere_is_never_known_to_be_gone) {
  struct jg_process self, other;
  jg_process_self(&self);
  other = self;
  other.started++;
  strcpy(other.machine, "another boot");
  CHECK_INT(jg_process_is_gone(&other, &self), 0);
  other.machine[0] = '\0';
  self.machine[0] = '\0';
  CHECK_INT(jg_process_is_gone(&other, &self), 0);
}

TEST(process_ids_that_are_none) {
  static const int64_t PIDS[] = {0, -1, INT64_MAX, INT64_MIN};
  struct jg_process self, other;
  jg_process_self(&self);
  other = self;
  for (size_t i = 0; i < sizeof(PIDS) / sizeof(PIDS[0]); i++) {
    other.pid = PIDS[i];
    CHECK_INT(jg_process_is_gone(&other, &self), 0);
  }
}
