/* See side.h. */
#include "store/side.h"

#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* A text within a URI. */
static void put_encoded(struct jg_buf *to, const char *text) {
  static const char DIGITS[] = "0123456789ABCDEF";
  static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-._~/";
  for (const char *c = text; *c; c++) {
    if (strchr(PLAIN, *c)) {
      jg_buf_putc(to, *c);
    } else {
      jg_buf_putc(to, '%');
      jg_buf_putc(to, DIGITS[(unsigned char)*c >> 4]);
      jg_buf_putc(to, DIGITS[(unsigned char)*c & 15]);
    }
  }
}

/* What decides how the host's connection was opened is decided anew. */
static int is_ours(const char *key) {
  return strcmp(key, "mode") == 0 || strcmp(key, "cache") == 0 ||
         strcmp(key, "vfs") == 0;
}

/* file is what sqlite3_db_filename() gave: its parameters stand behind it. */
static char *make_uri(const char *file, struct jg_err *err) {
  struct jg_buf uri;
  const char *key;
  jg_buf_init(&uri, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&uri, "file:");
  put_encoded(&uri, file);
  jg_buf_puts(&uri, "?mode=rw&cache=private");
  for (int i = 0; (key = sqlite3_uri_key(file, i)) != NULL; i++) {
    const char *value = sqlite3_uri_parameter(file, key);
    if (!is_ours(key)) {
      jg_buf_putc(&uri, '&');
      put_encoded(&uri, key);
      jg_buf_putc(&uri, '=');
      put_encoded(&uri, value ? value : "");
    }
  }
  return jg_buf_take(&uri, err);
}

int jg_side_note(struct jg_side *side, sqlite3 *host, struct jg_err *err) {
  const char *file = sqlite3_db_filename(host, "main");
  sqlite3_vfs *vfs = NULL;
  if (side->noted) {
    return err->code;
  }
  if (file && file[0]) {
    sqlite3_file_control(host, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
    side->uri = make_uri(file, err);
    side->vfs = vfs ? jg_mem_text(vfs->zName, err) : NULL;
  }
  side->noted = err->code == JG_OK;
  if (!side->noted) {
    jg_side_dispose(side); /* the next call begins anew */
  }
  return err->code;
}

sqlite3 *jg_side_open(struct jg_side *side, int busy_ms, struct jg_err *err) {
  if (!side->uri && err->code == JG_OK) {
    jg_err_set(err, JG_ERROR, "there is no file to open again");
  }
  if (!side->db && err->code == JG_OK) {
    int rc =
        sqlite3_open_v2(side->uri, &side->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, side->vfs);
    if (rc == SQLITE_OK) {
      sqlite3_extended_result_codes(side->db, 1);
      sqlite3_db_config(side->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    } else {
      jg_db_fail(side->db, rc, err);
      jg_side_close(side);
    }
  }
  if (side->db) {
    sqlite3_busy_timeout(side->db, busy_ms);
  }
  return err->code == JG_OK ? side->db : NULL;
}

void jg_side_close(struct jg_side *side) {
  sqlite3_finalize(side->write);
  sqlite3_finalize(side->find);
  sqlite3_close(side->db);
  side->write = side->find = NULL;
  side->db = NULL;
}

void jg_side_dispose(struct jg_side *side) {
  jg_side_close(side);
  jg_mem_free(side->uri);
  jg_mem_free(side->vfs);
  memset(side, 0, sizeof(*side));
}
