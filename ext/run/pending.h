/*
** Answers that landed and are not yet in the file. They hang on the session, so
** that an interrupt or a locked file loses none (laws 4 and 11).
*/
#ifndef JG_RUN_PENDING_H
#define JG_RUN_PENDING_H

#include <stddef.h>
#include "core/digest.h"
#include "run/session.h"
#include "run/state.h"

#define JG_PENDING_LIMIT_BYTES ((size_t)64 << 20)
#define JG_ANSWER_MOST_BYTES ((size_t)16 << 20) /* longer ones are refused */

/* What one call left. Texts are lent for the call of jg_pending_add. */
struct jg_landed {
  const char *digest;
  const char *purpose, *judge, *trace_id, *run_id;
  const char *model, *model_returned, *host;
  const char *status; /* ok, error, cached */
  int http_status;
  const char *error_code, *error_message;
  int attempts;
  int64_t latency_ms;
  int64_t input_tokens, output_tokens, cached_tokens; /* -1: not told */
  double cost;                                        /* < 0: not known */
  const char *response; /* body of an answer, or NULL */
  size_t response_bytes;
};

/* Keeps it until written. */
int jg_pending_add(struct jg_session *session, const struct jg_landed *landed,
                   struct jg_err *err);
/* The response kept under a digest, or NULL; lent until the next write. */
const char *jg_pending_find(struct jg_session *session, const char *digest,
                            size_t *bytes);
size_t jg_pending_count(struct jg_session *session);
/* Is there room for another answer, which may be large, beside those that many
** calls in flight may bring? Asked where it cannot be written at once. */
int jg_pending_has_room(struct jg_session *session, size_t in_flight);
/* It is time to write, and to take nothing more before. */
int jg_pending_is_full(struct jg_session *session);
/* Writes all, by one statement unless they are very large. A file that is
** locked or an interrupt leaves them where they are: *written is 0 then and err
** stays clear. */
int jg_pending_write(struct jg_session *session, int *written,
                     struct jg_err *err);
/* Writes all by the connection given, which keeps its statement in *kept. What
** was not written stays, and err says why. */
int jg_pending_write_by(struct jg_state *state, sqlite3 *db,
                        sqlite3_stmt **kept, struct jg_err *err);
/* A trial write, which leaves nothing, once for each shape that the file has:
** JG_OK when it takes answers. To be asked before the first is paid for. */
int jg_pending_try(struct jg_session *session, const char *command,
                   struct jg_err *err);
/* When err says why the file takes nothing, adds that answers wait here. */
void jg_pending_tell(struct jg_session *session, const char *command,
                     struct jg_err *err);
/* The stored response of a digest: owned text or NULL. */
char *jg_pending_stored(struct jg_session *session, const char *digest,
                        size_t *bytes, struct jg_err *err);
/* Is there a stored answer that no call of the run of this id brought? */
int jg_pending_is_older(struct jg_session *session, const char *digest,
                        const char *run_id, struct jg_err *err);
/* Finalizes the statements kept: no command leaves any. */
void jg_pending_rest(struct jg_session *session);
/* The host's connection is closed: writes what is left by one of ours. */
void jg_pending_close(struct jg_state *state);
void jg_pending_clear(struct jg_state *state);

#endif
