/*
** Which process this is, and whether another one still lives: for what a process
** left behind in a file that others use too.
**
** A process id means something until the machine boots again, within one PID
** namespace (a container has its own), and until another process gets it; so
** boot, namespace and start time belong to it.
*/
#ifndef JG_CORE_PROCESS_H
#define JG_CORE_PROCESS_H

#include <stdint.h>

#define JG_PROCESS_MACHINE_BYTES 80

struct jg_process {
  /* Boot and PID namespace; "" where the system does not tell. */
  char machine[JG_PROCESS_MACHINE_BYTES];
  int64_t pid;
  int64_t started; /* in ticks since the boot; 0: not told */
};

void jg_process_self(struct jg_process *out);
/* 1 when it has ended for sure; 0: it lives, or self cannot tell, on another
** machine for instance. */
int jg_process_is_gone(const struct jg_process *process,
                       const struct jg_process *self);

#endif
