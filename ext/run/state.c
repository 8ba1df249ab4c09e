/* Making and freeing what hangs on a session. */
#include "run/state.h"

#include "core/mem.h"
#include "run/claims.h"
#include "run/pending.h"
#include "run/price.h"

static void state_free(void *memory) {
  struct jg_state *state = memory;
  if (state) {
    jg_pending_close(state);
    jg_claims_close(state);
    jg_side_dispose(&state->side);
    jg_pending_clear(state);
    jg_price_clear(state);
    jg_limiters_dispose(&state->limiters);
    jg_forms_dispose(&state->forms);
    jg_mem_free(state->entries);
    jg_mem_free(state);
  }
}

struct jg_state *jg_state_of(struct jg_session *session, struct jg_err *err) {
  if (!session->pending && err) {
    session->pending = jg_mem_new(1, sizeof(struct jg_state), err);
    session->pending_free = state_free;
  }
  return session->pending;
}
