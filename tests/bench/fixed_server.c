/*
** A model server of fixed latency for benchmarks: answers every POST after
** LATENCY_MS with the same chat completion, holds thousands of connections in
** one thread and costs little itself.
**
**   fixed_server LATENCY_MS        prints its port
**
** GET /stats gives requests, peak in flight and connections, and forgets them.
*/
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FDS_MAX 4096
#define QUEUE_MAX 8192

struct conn {
  char *in;
  size_t len, cap;
  uint64_t serial; /* tells a reused descriptor apart */
};

struct due {
  int fd;
  uint64_t serial;
  int64_t at_us;
};

static struct conn conns[FDS_MAX];
static struct due queue[QUEUE_MAX]; /* one latency: first in, first out */
static size_t head, count;
static int64_t latency_us;
static long requests, peak, connections;
static uint64_t serial;

static const char BODY[] =
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"fixed\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"{\\\"result\\\":\\\"Good\\\",\\\"rationale\\\":\\\"It answers the "
    "question in full.\\\"}\"},\"finish_reason\":\"stop\"}],\"usage\":{"
    "\"prompt_tokens\":200,\"completion_tokens\":20}}";

/* The length of the body that the header lines between from and end announce. */
static size_t body_bytes(const char *from, const char *end) {
  static const char FIELD[] = "\r\ncontent-length:";
  const char *at;
  for (at = from; at < end; at++) {
    if (strncasecmp(at, FIELD, sizeof(FIELD) - 1) == 0) {
      return strtoul(at + sizeof(FIELD) - 1, NULL, 10);
    }
  }
  return 0;
}

static int64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void send_body(int fd, const char *body) {
  char text[2048];
  int n = snprintf(text, sizeof(text),
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(body), body);
  if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n) {
    shutdown(fd, SHUT_RDWR);
  }
}

static void drop(int fd) {
  close(fd);
  free(conns[fd].in);
  memset(&conns[fd], 0, sizeof(conns[fd]));
}

static void send_stats(int fd) {
  char text[128];
  snprintf(text, sizeof(text),
           "{\"requests\":%ld,\"peak_in_flight\":%ld,\"connections\":%ld}",
           requests, peak, connections);
  requests = peak = connections = 0;
  send_body(fd, text);
}

/* Takes the whole requests that have arrived. */
static void take(int fd) {
  struct conn *c = &conns[fd];
  for (;;) {
    c->in[c->len] = '\0';
    char *end = strstr(c->in, "\r\n\r\n");
    if (end == NULL) {
      return;
    }
    size_t whole = (size_t)(end + 4 - c->in) + body_bytes(c->in, end);
    if (c->len < whole) {
      return;
    }
    if (strncmp(c->in, "GET /stats", 10) == 0) {
      send_stats(fd);
    } else if (count < QUEUE_MAX) {
      queue[(head + count++) % QUEUE_MAX] =
          (struct due){fd, c->serial, now_us() + latency_us};
      requests++;
      peak = (long)count > peak ? (long)count : peak;
    }
    memmove(c->in, c->in + whole, c->len - whole);
    c->len -= whole;
  }
}

static void readable(int fd) {
  struct conn *c = &conns[fd];
  for (;;) {
    if (c->cap - c->len < 16385) {
      c->cap = c->cap == 0 ? 32768 : 2 * c->cap;
      c->in = realloc(c->in, c->cap);
      if (c->in == NULL) {
        exit(1);
      }
    }
    ssize_t n = recv(fd, c->in + c->len, 16384, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      drop(fd);
      return;
    }
    if (n < 0) {
      break;
    }
    c->len += (size_t)n;
  }
  take(fd);
}

static void answer_due(void) {
  int64_t now = now_us();
  while (count > 0 && queue[head].at_us <= now) {
    struct due d = queue[head];
    head = (head + 1) % QUEUE_MAX;
    count--;
    if (conns[d.fd].serial == d.serial) {
      send_body(d.fd, BODY);
    }
  }
}

static void accept_all(int listener, int poll) {
  int fd, one = 1;
  while ((fd = accept(listener, NULL, NULL)) >= 0 && fd < FDS_MAX) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
    conns[fd].serial = ++serial;
    connections++;
  }
}

int main(int argc, char **argv) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
  struct sockaddr_in a = {.sin_family = AF_INET};
  socklen_t size = sizeof(a);
  struct epoll_event events[256], e = {.events = EPOLLIN, .data.fd = listener};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  latency_us = argc > 1 ? strtol(argv[1], NULL, 10) * 1000 : 200000;
  if (listener < 0 || bind(listener, (struct sockaddr *)&a, size) != 0 ||
      listen(listener, 1024) != 0 ||
      getsockname(listener, (struct sockaddr *)&a, &size) != 0) {
    return 1;
  }
  fcntl(listener, F_SETFL, O_NONBLOCK);
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e);
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) {
    int64_t wait = count == 0 ? 1000000 : queue[head].at_us - now_us();
    int n = epoll_wait(poll, events, 256,
                       wait <= 0 ? 0 : (int)((wait + 999) / 1000));
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener) {
        accept_all(listener, poll);
      } else {
        readable(events[i].data.fd);
      }
    }
    answer_due();
  }
}
