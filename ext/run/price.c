/* Prices of models, per million tokens, from judge_price. */
#include "run/price.h"

#include <string.h>

#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

void jg_price_clear(struct jg_state *state) {
  for (size_t i = 0; i < state->price_count; i++) {
    jg_mem_free(state->prices[i].model);
  }
  jg_mem_free(state->prices);
  state->prices = NULL;
  state->price_count = 0;
}

int jg_price_load(struct jg_session *session, struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, err);
  if (!state || state->sending) {
    return err->code; /* a command within another: its pump reads them now */
  }
  size_t cap = 0;
  jg_price_clear(state);
  sqlite3_stmt *stmt = jg_db_query(session->db, "price_read", err);
  while (jg_db_step(stmt, err) == 1 &&
         jg_mem_grow(&state->prices, &cap, state->price_count + 1,
                     sizeof(*state->prices), err) == JG_OK) {
    struct jg_price_row *row = &state->prices[state->price_count++];
    row->model = jg_db_text(stmt, 0, err);
    row->price.input = sqlite3_column_double(stmt, 1);
    row->price.output = sqlite3_column_double(stmt, 2);
    row->price.cached = sqlite3_column_double(stmt, 3);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

static const struct jg_price *find(struct jg_session *session,
                                   const char *model_uri) {
  struct jg_state *state = jg_state_of(session, NULL);
  for (size_t i = 0; state && i < state->price_count; i++) {
    const char *model = state->prices[i].model; /* NULL when memory ran out */
    if (model && strcmp(model, model_uri) == 0) {
      return &state->prices[i].price;
    }
  }
  return NULL;
}

double jg_price_cost(struct jg_session *session, const char *model_uri,
                     int64_t input, int64_t output, int64_t cached) {
  const struct jg_price *p = find(session, model_uri);
  if (!p || input < 0 || output < 0) {
    return -1;
  }
  int64_t warm = cached > 0 && cached <= input ? cached : 0;
  return ((double)(input - warm) * p->input + (double)warm * p->cached +
          (double)output * p->output) /
         1e6;
}

double jg_price_most(struct jg_session *session, const char *model_uri,
                     int64_t input, int64_t output) {
  double cold = jg_price_cost(session, model_uri, input, output, 0);
  double warm = jg_price_cost(session, model_uri, input, output, input);
  return cold > warm ? cold : warm;
}

int jg_price_require(struct jg_session *session, const char *command,
                     const char *model_uri, struct jg_err *err) {
  if (find(session, model_uri)) {
    return JG_OK;
  }
  return jg_err_set(err, JG_ERROR,
                    "%s: max_cost needs the price of '%s': INSERT INTO "
                    "judge_price(model, input_per_million, "
                    "output_per_million) VALUES('%s', ..., ...)",
                    command, model_uri, model_uri);
}
