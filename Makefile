# make         build/judge.so (.dylib on macOS)
# make demo    installs what is missing, builds, shows an alignment run
# make test    installs what is missing, builds, runs all tests
# make lint    the rules that a program can keep
# make help    the other targets

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
# gcc unless the environment or the command line says CC=clang.
ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2
VERSION := $(shell cat VERSION)

# make SAN=1 builds everything under build/asan with ASan and UBSan.
ifeq ($(SAN),1)
B := build/asan
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -g \
  -fno-omit-frame-pointer
# What gcc guesses from instrumented code is not worth an error.
SAN_FLAGS += -Wno-stringop-truncation -Wno-format-truncation \
  -Wno-maybe-uninitialized
SO_FLAGS :=
else
B := build
SAN_FLAGS :=
SO_FLAGS := -Wl,--no-undefined
endif

# macOS: SQLite looks for judge.dylib, and a library may leave nothing undefined
# unless it is told so. Not tested; what the tests need (--wrap) is not there.
ifeq ($(shell uname -s),Darwin)
LIBRARY := $(B)/judge.dylib
SO_FLAGS := -undefined dynamic_lookup
else
LIBRARY := $(B)/judge.so
endif

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes
# What make deps may install is asked for at each use, after it has run.
PKG_CFLAGS = $(shell pkg-config --cflags libcurl libcjson 2>/dev/null) \
  $(shell pkg-config --cflags sqlite3 2>/dev/null)
PKG_LIBS = $(shell pkg-config --libs libcurl libcjson 2>/dev/null)
CJSON_LIBS = $(shell pkg-config --libs libcjson 2>/dev/null)
# make V=1 shows the commands.
Q := $(if $(V),,@)
ALL_CFLAGS = -std=c11 $(CFLAGS) -D_POSIX_C_SOURCE=200809L \
  -DJG_VERSION='"$(VERSION)"' $(WARN) -fvisibility=hidden -fPIC -Iext \
  $(SAN_FLAGS)

SOURCES := $(sort $(wildcard ext/*.c ext/*/*.c))
OBJECTS := $(SOURCES:%.c=$(B)/obj/%.o) $(B)/obj/embedded.o
PURE := core stats judge llm align
PURE_OBJECTS := $(foreach f,$(PURE),$(filter $(B)/obj/ext/$(f)/%,$(OBJECTS))) \
  $(B)/obj/embedded.o
UNIT_OBJECTS := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard tests/unit/*.c)))
DRIVER_OBJECTS := $(patsubst %.c,$(B)/obj/%.o,$(sort \
  $(filter-out %/linked.c,$(wildcard tests/driver/*.c))))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/*.c)))
EMBEDDED := $(shell tools/embed.sh --list)
FOLDERS := $(shell find sql -type d)

.PHONY: all help deps deps-test deps-hosts demo test test-hosts \
  test-programs lint format bench \
  install uninstall clean asan fuzz nomem run-demo run-tests run-lint \
  run-fuzz
.DELETE_ON_ERROR:
.SUFFIXES:

all: $(LIBRARY)

help:
	@echo 'make             build build/judge.so'
	@echo 'make deps        install what is missing (Debian, Ubuntu); make deps-test'
	@echo '                 what the tests need besides'
	@echo 'make demo        build and show an alignment run'
	@echo 'make test        build and run all tests (tests/README.md)'
	@echo 'make test-hosts  run the snippets of docs/install.md in their hosts'
	@echo 'make asan        the same tests under ASan and UBSan'
	@echo 'make fuzz        run the fuzz targets for a short while'
	@echo 'make nomem       let all allocations of the SQL tests fail (hours)'
	@echo 'make lint        check the rules; make format settles the layout'
	@echo 'make bench       measure; SHORT=1 in a minute'
	@echo 'make install     judge.so into $$(DESTDIR)$(LIBDIR)'
	@echo 'make uninstall   remove it; make clean removes build/'

# --- the library ------------------------------------------------------------

$(LIBRARY): $(OBJECTS)
	@echo "  LINK $@"
	$(Q)$(CC) -shared $(SAN_FLAGS) $(SO_FLAGS) $(LDFLAGS) -o $@.new $(OBJECTS) \
	  $(PKG_LIBS) -ldl -lm
	$(Q)mv -f $@.new $@

$(B)/obj/%.o: %.c VERSION Makefile
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(ALL_CFLAGS) $(EXTRA) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

# The folders stand here so that a file that is added or removed counts too.
$(B)/embedded.c: tools/embed.sh $(EMBEDDED) $(FOLDERS)
	@mkdir -p $(@D)
	@echo "  GEN  $@"
	$(Q)tools/embed.sh > $@.new
	$(Q)mv -f $@.new $@

$(B)/obj/embedded.o: $(B)/embedded.c ext/core/embed.h
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# --- tests ------------------------------------------------------------------

$(B)/obj/tests/unit/%.o: EXTRA = -Itests/unit

# Pure C: this link fails when a pure folder needs SQLite or curl. Allocations
# pass through tests/unit/alloc.c, which lets them fail on demand.
$(B)/unit: $(UNIT_OBJECTS) $(PURE_OBJECTS)
	@echo "  LINK $@"
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -Wl,--wrap=calloc,--wrap=realloc \
	  -o $@ $^ $(CJSON_LIBS) -lm

$(B)/driver: $(DRIVER_OBJECTS)
	@echo "  LINK $@"
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ -lsqlite3 -lpthread

# The same driver with everything linked in, compiled with SQLITE_CORE, and
# allocations that fail on demand. Static where there is a static library.
STATIC_OBJECTS := $(foreach f,main.o store/% run/% api/%,\
  $(patsubst $(B)/obj/%,$(B)/obj/static/%,$(filter $(B)/obj/ext/$(f),$(OBJECTS))))
STATIC_OBJECTS += $(PURE_OBJECTS) $(filter $(B)/obj/ext/http/%,$(OBJECTS)) \
  $(filter-out %/load.o,$(DRIVER_OBJECTS)) $(B)/obj/tests/driver/linked.o \
  $(B)/obj/tests/fault/nomem.o $(B)/obj/tests/fault/failing.o
static_library = $(or $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a)),-l$(1))

$(B)/obj/static/%.o: EXTRA = -DSQLITE_CORE
$(B)/obj/static/%.o: %.c VERSION Makefile
	@mkdir -p $(@D)
	@echo "  CC   $< (static)"
	$(Q)$(CC) $(ALL_CFLAGS) $(EXTRA) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/driver_static: $(STATIC_OBJECTS)
	@echo "  LINK $@"
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) \
	  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free -o $@ $^ \
	  $(call static_library,sqlite3) $(call static_library,cjson) $(PKG_LIBS) \
	  -lpthread -ldl -lm

# The fuzz targets once more, from the objects that are there: they only feed
# their corpus.
REPLAYS := $(patsubst tests/fuzz/%.c,$(B)/replay/%,$(sort $(wildcard tests/fuzz/*.c)))
$(B)/replay/fuzz_agreement_options: $(B)/obj/ext/api/agreement_options.o
$(B)/replay/fuzz_judge_file: REPLAY_FLAGS = -Wl,--wrap=jg_embed_get
$(B)/replay/%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/standalone/main.o \
  $(PURE_OBJECTS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) $(REPLAY_FLAGS) -o $@ $^ $(CJSON_LIBS) -lm
.SECONDARY: $(REPLAYS:$(B)/replay/%=$(B)/obj/tests/fuzz/%.o)

test-programs: $(LIBRARY) $(B)/unit $(B)/driver $(B)/driver_static $(REPLAYS)

test: deps-test
	@$(MAKE) --no-print-directory test-programs
	@$(MAKE) --no-print-directory run-tests

# What Debian and the registries have of the hosts in docs/install.md.
test-hosts: deps-hosts
	@$(MAKE) --no-print-directory all
	@JUDGE_BUILD=$(B) tests/run hosts/

run-tests:
	@JUDGE_BUILD=$(B) tests/run $(T)

asan: deps-test
	@$(MAKE) --no-print-directory SAN=1 test-programs
	@$(MAKE) --no-print-directory SAN=1 run-tests

# Scripts share which call stacks were met: tests/fault/nomem.h.
nomem: deps-test
	@$(MAKE) --no-print-directory test-programs
	@rm -f $(B)/nomem.known
	@NOMEM=$(or $(NOMEM),stacks) NOMEM_KNOWN=$(abspath $(B)/nomem.known) \
	  JUDGE_BUILD=$(B) tests/run $(or $(T),nomem/)

lint:
	@tools/deps.sh lint
	@$(MAKE) --no-print-directory all
	@tests/lint/run

format:
	clang-format -i $(SOURCES) $(wildcard ext/*/*.h tests/*/*.[ch] \
	  tests/fuzz/standalone/*.c)

# clang's libFuzzer where there is one; else gcc and a small main of our own.
HAVE_LIBFUZZER = $(wildcard $(shell clang -print-runtime-dir 2>/dev/null)/libclang_rt.fuzzer-*.a)
FUZZ_SECONDS ?= 10
FUZZ_FLAGS = -std=c11 -g -O1 -D_POSIX_C_SOURCE=200809L \
  -DJG_VERSION='"$(VERSION)"' -Iext $(PKG_CFLAGS)
PURE_SOURCES := $(foreach f,$(PURE),$(filter ext/$(f)/%,$(SOURCES)))

# What a target needs beside the pure folders.
$(B)/fuzz/fuzz_agreement_options: ext/api/agreement_options.c
$(B)/fuzz/fuzz_judge_file: FUZZ_FLAGS += -Wl,--wrap=jg_embed_get

$(B)/fuzz/%: tests/fuzz/%.c $(PURE_SOURCES) $(B)/embedded.c
	@mkdir -p $(@D)
ifneq ($(HAVE_LIBFUZZER),)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all -o $@ $^ $(CJSON_LIBS) -lm
else
	@echo "  FUZZ $@"
	$(Q)$(CC) $(FUZZ_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all \
	  -o $@ tests/fuzz/standalone/main.c $^ $(CJSON_LIBS) -lm
endif

fuzz: deps-test
	@$(MAKE) --no-print-directory run-fuzz

run-fuzz: $(FUZZERS)
	@set -e; for f in $(FUZZERS); do \
	  corpus=tests/fuzz/corpus/$$(basename $$f); \
	  echo "== $$f"; \
	  mkdir -p $(B)/fuzz/found/$$(basename $$f); \
	  if [ ! -d $$corpus ]; then corpus=; fi; \
	  $$f -max_total_time=$(FUZZ_SECONDS) \
	    $(B)/fuzz/found/$$(basename $$f) $$corpus; \
	done

# --- for people -------------------------------------------------------------

deps:
	@tools/deps.sh

deps-test:
	@tools/deps.sh test

deps-hosts:
	@tools/deps.sh hosts

demo: deps
	@$(MAKE) --no-print-directory all >&2
	@$(MAKE) --no-print-directory run-demo

run-demo:
	@rm -f build/demo.db build/demo.db-wal build/demo.db-shm
	@sqlite3 -bail -init /dev/null build/demo.db < sql/demo.sql

# bench_*.c are linked with the library's objects and SQLite itself; bench_*.py
# load the library, and talk to fixed_server. SHORT=1 does a little of each.
BENCHES := $(patsubst tests/bench/%.c,$(B)/bench/%,$(sort \
  $(wildcard tests/bench/bench_*.c)))
BENCH_OBJECTS := $(filter-out $(B)/obj/static/ext/main.o $(B)/obj/tests/%,\
  $(STATIC_OBJECTS))

$(BENCHES): $(B)/bench/%: tests/bench/%.c $(BENCH_OBJECTS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -DSQLITE_CORE $(LDFLAGS) -o $@ $^ \
	  $(PKG_LIBS) -lsqlite3 -lpthread -ldl -lm

$(B)/bench/fixed_server: tests/bench/fixed_server.c
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

bench: deps-test
	@$(MAKE) --no-print-directory all $(BENCHES) $(B)/bench/fixed_server >&2
	@JUDGE_BUILD=$(B) tests/bench/run $(if $(SHORT),--short) $(T)

install: all
	install -d $(DESTDIR)$(LIBDIR)
	install -m 755 $(LIBRARY) $(DESTDIR)$(LIBDIR)/$(notdir $(LIBRARY))

uninstall:
	rm -f $(DESTDIR)$(LIBDIR)/$(notdir $(LIBRARY))

clean:
	rm -rf build

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
