/*
** Allocations that fail on demand, by number: ours, cJSON's and SQLite's,
** which the linker sends through failing.c. curl's are its own.
*/
#ifndef JG_TESTS_FAILING_H
#define JG_TESTS_FAILING_H

/* Before SQLite is used: cJSON too allocates through here, and SQLite keeps no
** memory of its own from which small blocks would come. */
void failing_hook(void);
/* Counts from 1 on from now. Number at fails, and with on all after it; at 0
** fails none. */
void failing_arm(long at, int on);
/* Allocations since failing_arm(); whether one of them failed. */
long failing_seen(void);
int failing_failed(void);
/* Blocks that are not freed. */
long failing_live(void);
/* Counts as failing_arm(0, 0), and calls note with each number and where the
** allocation came from: a hash of the frames in this program. Of those after
** number all only one in 16. */
void failing_note(void (*note)(long number, unsigned long long origin),
                  long all);

#endif
