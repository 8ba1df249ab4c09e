/* agreement(judge, human [, metric [, options]]): how far a judge's verdicts
** agree with people's labels; aggregate and window function. */
#ifndef JG_API_AGREEMENT_H
#define JG_API_AGREEMENT_H

struct sqlite3;

/* Returns an SQLite result code. */
int jg_agreement_register(struct sqlite3 *db);

#endif
