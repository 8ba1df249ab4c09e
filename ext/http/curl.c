/*
** The transport over one curl multi handle: see http.h. The one file that
** knows curl.
**
** A transfer is one easy handle with its buffers; transfers are pooled, so
** that a request costs no set-up, and the multi handle keeps connections open
** from one request to the next.
**
** 1. One start() is at most one request on the wire: curl would repeat a
**    request by itself when a kept connection turns out dead; here it fails
**    as CLOSED instead, so that the caller can count (budgets are exact).
** 2. No redirects, no other protocol than http and https, TLS verified, no
**    cookies, no .netrc. Proxy variables are honoured, but not for a request
**    that is direct, as are SSL_CERT_FILE and SSL_CERT_DIR, which libcurl by
**    itself ignores.
** 3. A transfer that fails is that request's own failure, whatever curl calls it:
**    CURLE_OUT_OF_MEMORY is also what it says of a header line that is too long
**    for it. Only memory that we do not get ourselves is an error of wait().
** 4. The time limit is ours, not curl's, which looks at the clock before it looks
**    at the socket: after a pause (SIGSTOP, a laptop asleep) it would throw away
**    answers that have long been there.
** 5. After a fork the child leaves the parent's handle alone - closing it
**    would end the parent's TLS sessions - and starts with a new one.
*/
#include "http/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/text.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or newer is needed"
#endif

#define CONNECTIONS_KEPT 1024L
#define FILES_LEFT 8 /* for the database and the host, at least */
#define BODY_FIRST_BYTES 4096
#define KEEPALIVE_S 30L
#define HEADERS_MOST_BYTES ((size_t)256 << 10)
#define GRACE_MS 100 /* to read what lies in sockets when the time is up */

/* One request and its response. */
struct transfer {
  CURL *easy;
  struct curl_slist *headers;
  char error[CURL_ERROR_SIZE];
  char *body;
  size_t bytes, cap, max_bytes;
  size_t header_bytes; /* of the response */
  size_t body_bytes;   /* of the request */
  uint64_t id;
  int64_t retry_after_ms;
  char retry_after[64]; /* as it came; "" when it did not */
  int64_t date_ms;      /* by the server's clock; -1: it does not say */
  struct jg_http_rate rate;
  char content_type[64];
  int sent;     /* requests begun on the wire (promise 1) */
  int repeated; /* curl wanted to send again */
  int too_large, large_headers;
  int64_t timeout_ms;
  int64_t due_ms;  /* monotonic: when the time is up */
  int64_t late_ms; /* monotonic: when that was seen; 0: it was not */
  int nomem;
  struct http *http;
  struct transfer *next, *prev; /* in flight, or free (next only) */
};

struct http {
  CURLM *multi;
  pid_t pid;               /* whose handle it is (promise 5) */
  atomic_int woken;        /* by another thread */
  struct transfer *flying; /* list */
  struct transfer *idle;   /* pool */
  struct jg_clock clock;
  long most;               /* connections */
  char *ca_file, *ca_path; /* NULL: curl's own */
};

/* --- curl at large ------------------------------------------------------ */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

const char *jg_http_version(void) {
  return curl_version();
}

/* --- receiving ---------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *ctx) {
  struct transfer *t = ctx;
  size_t n = size * count;
  assert(t->bytes <= t->max_bytes); /* the limit that was asked for */
  if (n > t->max_bytes - t->bytes) {
    t->too_large = 1;
    return 0;
  }
  if (t->bytes + n + 1 > t->cap) {
    size_t cap = t->cap == 0 ? BODY_FIRST_BYTES : t->cap;
    while (cap < t->bytes + n + 1) {
      cap *= 2;
    }
    char *grown = jg_mem_resize(t->body, cap);
    if (grown == NULL) {
      t->nomem = 1;
      return 0;
    }
    t->body = grown;
    t->cap = cap;
  }
  memcpy(t->body + t->bytes, data, n);
  t->bytes += n;
  t->body[t->bytes] = '\0';
  return n;
}

/* 1 and the trimmed value when line is the header called name. */
static int header_is(const char *line, size_t bytes, const char *name,
                     char *value, size_t size) {
  size_t n = strlen(name);
  if (bytes <= n || line[n] != ':' || !jg_text_samen(line, n, name, n)) {
    return 0;
  }
  for (n++; n < bytes && (line[n] == ' ' || line[n] == '\t'); n++) {
  }
  while (bytes > n && (unsigned char)line[bytes - 1] <= ' ') {
    bytes--;
  }
  size_t copied = bytes - n < size - 1 ? bytes - n : size - 1;
  memcpy(value, line + n, copied);
  value[copied] = '\0';
  return 1;
}

/* What a date of the server's is compared with: its own clock when it shows it,
** since ours may be wrong by hours. */
static int64_t server_ms(const struct transfer *t) {
  const struct jg_clock *c = &t->http->clock;
  return t->date_ms >= 0 ? t->date_ms : c->wall_ms(c->ctx);
}

/* x-ratelimit-..., anthropic-ratelimit-... */
static void take_rate(struct transfer *t, const char *line, size_t bytes) {
  char name[64], value[64];
  size_t n = 0;
  while (n < bytes && n < sizeof(name) - 1 && line[n] != ':') {
    name[n] = line[n];
    n++;
  }
  name[n] = '\0';
  if (header_is(line, bytes, name, value, sizeof(value))) {
    jg_http_rate_header(&t->rate, name, n, value, server_ms(t));
  }
}

/* A new response: what 1xx said is void. */
static void forget_headers(struct transfer *t) {
  t->retry_after_ms = t->date_ms = -1;
  t->retry_after[0] = t->content_type[0] = '\0';
  t->rate = jg_http_rate_unknown();
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx) {
  struct transfer *t = ctx;
  size_t bytes = size * count;
  char value[64];
  t->header_bytes += bytes;
  if (t->header_bytes > HEADERS_MOST_BYTES) {
    t->large_headers = 1;
    return 0;
  }
  if (bytes > 5 && memcmp(line, "HTTP/", 5) == 0) {
    forget_headers(t);
  } else if (header_is(line, bytes, "retry-after-ms", value, sizeof(value))) {
    int64_t ms = jg_http_retry_after(value, 0); /* a number, times 1000 */
    t->retry_after_ms = ms < 0 ? t->retry_after_ms : ms / 1000;
  } else if (header_is(line, bytes, "date", value, sizeof(value))) {
    if (!jg_clock_parse_http(value, &t->date_ms)) {
      t->date_ms = -1;
    }
  } else if (header_is(line, bytes, "retry-after", t->retry_after,
                       sizeof(t->retry_after))) {
    return bytes; /* read when Date is known, too */
  } else if (header_is(line, bytes, "content-type", t->content_type,
                       sizeof(t->content_type))) {
    return bytes;
  } else {
    take_rate(t, line, bytes);
  }
  return bytes;
}

/* A program that the host starts (.shell, popen) does not inherit it. */
static int on_socket(void *ctx, curl_socket_t s, curlsocktype purpose) {
  (void)ctx, (void)purpose;
  fcntl(s, F_SETFD, FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

/* Called before each request goes out on a connection. */
static int on_request(void *ctx, char *to, char *from, int to_port,
                      int from_port) {
  struct transfer *t = ctx;
  (void)to, (void)from, (void)to_port, (void)from_port;
  if (t->sent++ == 0) {
    return CURL_PREREQFUNC_OK;
  }
  t->repeated = 1;
  return CURL_PREREQFUNC_ABORT;
}

/* --- transfers ---------------------------------------------------------- */

static void transfer_free(struct transfer *t) {
  if (t->easy != NULL) {
    curl_easy_cleanup(t->easy);
  }
  curl_slist_free_all(t->headers);
  jg_mem_free(t->body);
  jg_mem_free(t);
}

static void set_protocols(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                   (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* What is the same for all requests. */
static void set_constants(struct transfer *t) {
  CURL *easy = t->easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sqlite-judge");
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  set_protocols(easy);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
  if (t->http->ca_file != NULL) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, t->http->ca_file);
  }
  if (t->http->ca_path != NULL) {
    curl_easy_setopt(easy, CURLOPT_CAPATH, t->http->ca_path);
  }
}

static struct transfer *transfer_take(struct http *h, struct jg_err *err) {
  struct transfer *t = h->idle;
  if (t != NULL) {
    h->idle = t->next;
    t->next = NULL;
    return t;
  }
  t = jg_mem_new(1, sizeof(*t), err);
  if (t == NULL) {
    return NULL;
  }
  t->http = h;
  t->easy = curl_easy_init();
  if (t->easy == NULL) {
    jg_mem_free(t);
    jg_err_nomem(err);
    return NULL;
  }
  set_constants(t);
  return t;
}

/* Back into the pool, forgetting the request's texts, which were lent. */
static void transfer_return(struct http *h, struct transfer *t) {
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
  curl_slist_free_all(t->headers);
  t->headers = NULL;
  jg_mem_free(t->body);
  t->body = NULL;
  t->bytes = t->cap = 0;
  t->prev = NULL;
  t->next = h->idle;
  h->idle = t;
}

static void unlink_flying(struct http *h, struct transfer *t) {
  assert(t->prev != NULL || h->flying == t);
  if (t->prev != NULL) {
    t->prev->next = t->next;
  } else {
    h->flying = t->next;
  }
  if (t->next != NULL) {
    t->next->prev = t->prev;
  }
  t->next = t->prev = NULL;
}

/* --- the multi handle --------------------------------------------------- */

/* How many connections the limit of open files allows, with an eighth of it left
** for the host: without a file for its journal SQLite could store no answer. */
static long most_connections(void) {
  struct rlimit files;
  int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC); /* about as many are */
  if (lowest >= 0) {
    close(lowest);
  }
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
      files.rlim_cur == RLIM_INFINITY || files.rlim_cur > 1 << 20) {
    return CONNECTIONS_KEPT;
  }
  long left = (long)files.rlim_cur / 8;
  long most =
      (long)files.rlim_cur - lowest - (left < FILES_LEFT ? FILES_LEFT : left);
  most = lowest < 0 || most < 1 ? 1 : most;
  return most < CONNECTIONS_KEPT ? most : CONNECTIONS_KEPT;
}

static int multi_open(struct http *h, struct jg_err *err) {
  h->multi = curl_multi_init();
  if (h->multi == NULL) {
    return jg_err_nomem(err);
  }
  h->most = most_connections();
  curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, h->most);
  curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, h->most);
  h->pid = getpid();
  return JG_OK;
}

/* Promise 5. What the parent owns is left as it is, on purpose. */
static int check_fork(struct http *h, struct jg_err *err) {
  if (h->multi != NULL && h->pid == getpid()) {
    return JG_OK;
  }
  h->multi = NULL;
  h->flying = NULL;
  h->idle = NULL;
  return multi_open(h, err);
}

static int multi_error(CURLMcode code, struct jg_err *err) {
  if (code == CURLM_OUT_OF_MEMORY) {
    return jg_err_nomem(err);
  }
  return jg_err_set(err, JG_ERROR, "curl: %s", curl_multi_strerror(code));
}

static void http_cancel(void *ctx) {
  struct http *h = ctx;
  struct jg_err err = {0};
  if (check_fork(h, &err) != JG_OK) {
    return;
  }
  while (h->flying != NULL) {
    struct transfer *t = h->flying;
    unlink_flying(h, t);
    curl_multi_remove_handle(h->multi, t->easy);
    transfer_return(h, t);
  }
}

static void http_free(void *ctx) {
  struct http *h = ctx;
  if (h->multi != NULL && h->pid == getpid()) {
    http_cancel(h);
    while (h->idle != NULL) {
      struct transfer *t = h->idle;
      h->idle = t->next;
      transfer_free(t);
    }
    curl_multi_cleanup(h->multi);
  }
  jg_mem_free(h->ca_file);
  jg_mem_free(h->ca_path);
  jg_mem_free(h);
}

/* --- start -------------------------------------------------------------- */

static int set_headers(struct transfer *t,
                       const struct jg_http_request *request,
                       struct jg_err *err) {
  /* An empty Expect keeps curl from asking before it sends a large body. */
  struct curl_slist *list = curl_slist_append(NULL, "Expect:");
  for (size_t i = 0; list != NULL && i < request->header_count; i++) {
    struct curl_slist *longer = curl_slist_append(list, request->headers[i]);
    if (longer == NULL) {
      curl_slist_free_all(list);
    }
    list = longer;
  }
  if (list == NULL) {
    return jg_err_nomem(err);
  }
  t->headers = list;
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, list);
  return JG_OK;
}

/* An empty proxy is none, also where a variable names one; NULL asks the
** variables again, for the handle is used for other requests too. */
static CURLcode set_proxy(CURL *easy, int direct) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PROXY, direct ? "" : NULL);
  if (code == CURLE_OK) {
    code = curl_easy_setopt(easy, CURLOPT_NOPROXY, direct ? "*" : NULL);
  }
  return code;
}

/* Forgets the last request. */
static void renew(struct transfer *t, const struct jg_http_request *request) {
  const struct jg_clock *c = &t->http->clock;
  t->id = request->id;
  t->max_bytes =
      request->max_body_bytes == 0 ? SIZE_MAX / 4 : request->max_body_bytes;
  forget_headers(t);
  t->error[0] = '\0';
  t->sent = t->repeated = t->too_large = t->large_headers = t->nomem = 0;
  t->header_bytes = 0;
  t->body_bytes = request->body_bytes;
  t->timeout_ms = request->total_timeout_ms;
  t->due_ms = c->mono_ms(c->ctx) + t->timeout_ms;
  t->late_ms = 0;
}

static int set_request(struct transfer *t,
                       const struct jg_http_request *request,
                       struct jg_err *err) {
  CURL *easy = t->easy;
  renew(t, request);
  CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request->url);
  if (code == CURLE_OK) {
    code = set_proxy(easy, request->direct);
  }
  if (code == CURLE_OUT_OF_MEMORY) {
    return jg_err_nomem(err);
  }
  if (code != CURLE_OK) {
    return jg_err_set(err, JG_ERROR, "%s", curl_easy_strerror(code));
  }
  /* One connection for many requests where the server speaks HTTP/2. */
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT,
                   strncmp(request->url, "https:", 6) == 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   (curl_off_t)request->body_bytes);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   (long)request->connect_timeout_ms);
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   (curl_off_t)request->max_body_bytes);
  return set_headers(t, request, err);
}

static int http_start(void *ctx, const struct jg_http_request *request,
                      struct jg_err *err) {
  struct http *h = ctx;
  if (check_fork(h, err) != JG_OK) {
    return err->code;
  }
  struct transfer *t = transfer_take(h, err);
  if (t == NULL) {
    return err->code;
  }
  if (set_request(t, request, err) != JG_OK) {
    transfer_return(h, t);
    return err->code;
  }
  CURLMcode code = curl_multi_add_handle(h->multi, t->easy);
  if (code != CURLM_OK) {
    transfer_return(h, t);
    return multi_error(code, err);
  }
  t->next = h->flying;
  if (h->flying != NULL) {
    h->flying->prev = t;
  }
  h->flying = t;
  return JG_OK;
}

/* --- wait --------------------------------------------------------------- */

static const char *error_code(CURLcode code) {
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return "TIMEOUT";
  case CURLE_COULDNT_CONNECT:
    return "CONNECT";
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
    return "DNS";
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
    return "TLS";
  case CURLE_GOT_NOTHING:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
  case CURLE_PARTIAL_FILE:
  case CURLE_HTTP2:
  case CURLE_HTTP2_STREAM:
    return "CLOSED";
  case CURLE_FILESIZE_EXCEEDED:
    return "TOO_LARGE";
  default:
    return "NETWORK";
  }
}

static void set_error(struct jg_http_response *out, const char *code,
                      const char *text) {
  size_t n = strlen(text);
  if (n >= sizeof(out->error_text)) {
    n = sizeof(out->error_text) - 1;
  }
  out->error_code = code;
  memcpy(out->error_text, text, n);
  out->error_text[n] = '\0';
}

static void fill_error(struct jg_http_response *out, const struct transfer *t,
                       CURLcode code) {
  if (t->too_large || code == CURLE_FILESIZE_EXCEEDED) {
    set_error(out, "TOO_LARGE", "the response is larger than the limit");
  } else if (t->large_headers || code == CURLE_OUT_OF_MEMORY) {
    set_error(out, "HEADERS",
              "the response has more or longer header lines "
              "than are taken");
  } else if (t->repeated) {
    set_error(out, "CLOSED", "the connection was closed before a response");
  } else {
    /* Timed out before the request went out: nobody can have billed it. */
    int unsent = code == CURLE_OPERATION_TIMEDOUT && t->sent == 0;
    set_error(out, unsent ? "CONNECT" : error_code(code),
              t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
  }
}

/* 1 when a part of the request was not even handed to the system. */
static int is_unsent(const struct transfer *t) {
  curl_off_t sent = 0;
  curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  return !t->repeated && (t->sent == 0 || (size_t)sent < t->body_bytes);
}

/* Memory that ran out here, or in curl before there was a response to fail. */
static int is_nomem(const struct transfer *t, CURLcode code) {
  return t->nomem || (code == CURLE_OUT_OF_MEMORY && t->sent == 0);
}

/* Turns a finished transfer into a response; the body changes hands. */
static int deliver(struct http *h, CURL *easy, CURLcode code,
                   struct jg_http_response *out, struct jg_err *err) {
  struct transfer *t = NULL;
  long status = 0;
  curl_off_t micros = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &micros);
  assert(t != NULL && t->easy == easy);
  memset(out, 0, sizeof(*out));
  out->id = t->id;
  out->status = (int)status;
  out->latency_ms = (int64_t)(micros / 1000);
  out->retry_after_ms = t->retry_after_ms < 0 && t->retry_after[0] != '\0'
                            ? jg_http_retry_after(t->retry_after, server_ms(t))
                            : t->retry_after_ms;
  out->rate = t->rate;
  out->unsent = is_unsent(t);
  memcpy(out->content_type, t->content_type, sizeof(out->content_type));
  if (code != CURLE_OK) {
    fill_error(out, t, code);
  }
  out->body = t->body;
  out->body_bytes = t->bytes;
  t->body = NULL;
  int nomem = is_nomem(t, code);
  curl_multi_remove_handle(h->multi, easy);
  unlink_flying(h, t);
  transfer_return(h, t);
  if (nomem) {
    jg_http_response_dispose(out);
    jg_err_nomem(err);
    return -1;
  }
  return 1;
}

/* The next finished transfer: 1, 0 when there is none, -1. */
static int take_finished(struct http *h, struct jg_http_response *out,
                         struct jg_err *err) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(h->multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      return deliver(h, message->easy_handle, message->data.result, out, err);
    }
  }
  return 0;
}

/* Ends a transfer whose time is up, after it had GRACE_MS to take what is there
** already (promise 4): 1, 0 when there is none, -1. */
static int take_late(struct http *h, struct jg_http_response *out,
                     struct jg_err *err) {
  int64_t now = h->clock.mono_ms(h->clock.ctx);
  for (struct transfer *t = h->flying; t != NULL; t = t->next) {
    if (now < t->due_ms) {
      continue;
    }
    if (t->late_ms == 0) {
      t->late_ms = now;
    } else if (now - t->late_ms >= GRACE_MS) {
      snprintf(t->error, sizeof(t->error),
               "no whole response within %lld ms, %zu bytes of it came",
               (long long)t->timeout_ms, t->bytes);
      return deliver(h, t->easy, CURLE_OPERATION_TIMEDOUT, out, err);
    }
  }
  return 0;
}

static int http_wait(void *ctx, int timeout_ms, struct jg_http_response *out,
                     struct jg_err *err) {
  struct http *h = ctx;
  const struct jg_clock *c = &h->clock;
  assert(timeout_ms >= 0);
  if (check_fork(h, err) != JG_OK) {
    return -1;
  }
  int64_t end = c->mono_ms(c->ctx) + timeout_ms;
  /* What one perform has finished is handed out before the next perform. */
  int got = take_finished(h, out, err);
  while (got == 0) {
    int running;
    CURLMcode code = curl_multi_perform(h->multi, &running);
    if (code == CURLM_OK) {
      got = take_finished(h, out, err);
    }
    if (code == CURLM_OK && got == 0) {
      got = take_late(h, out, err);
    }
    int64_t left = end - c->mono_ms(c->ctx);
    int woken = atomic_exchange(&h->woken, 0);
    if (code == CURLM_OK && got == 0 && left > 0 && !woken) {
      code = curl_multi_poll(h->multi, NULL, 0, (int)left, NULL);
    }
    if (code != CURLM_OK) {
      multi_error(code, err);
      return -1;
    }
    if (left <= 0 || woken) {
      break;
    }
  }
  return got;
}

static void http_wake(void *ctx) {
  struct http *h = ctx;
  struct jg_err err = {0};
  if (check_fork(h, &err) == JG_OK) {
    atomic_store(&h->woken, 1);
    curl_multi_wakeup(h->multi);
  }
}

/* --- new ---------------------------------------------------------------- */

static char *env_copy(const char *name, struct jg_err *err) {
  const char *value = getenv(name);
  return value == NULL || value[0] == '\0' ? NULL : jg_mem_text(value, err);
}

int jg_http_new(struct jg_transport *out, struct jg_err *err) {
  memset(out, 0, sizeof(*out));
  pthread_once(&curl_once, init_curl);
  struct http *h = jg_mem_new(1, sizeof(*h), err);
  if (h == NULL) {
    return err->code;
  }
  h->clock = jg_clock_system();
  h->ca_file = env_copy("SSL_CERT_FILE", err);
  h->ca_path = env_copy("SSL_CERT_DIR", err);
  if (err->code == JG_OK) {
    multi_open(h, err);
  }
  if (err->code != JG_OK) {
    http_free(h);
    return err->code;
  }
  out->ctx = h;
  out->most = (int)h->most;
  out->start = http_start;
  out->wait = http_wait;
  out->wake = http_wake;
  out->cancel = http_cancel;
  out->free = http_free;
  return JG_OK;
}
