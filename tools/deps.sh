#!/bin/sh
# Installs what this machine lacks, on Debian and Ubuntu: tools/deps.sh what the
# build and the demo need, tools/deps.sh test what the tests need besides,
# tools/deps.sh hosts and tools/deps.sh lint the same for make test-hosts and the
# lint. Does nothing, and needs no network, when nothing is missing.
set -eu

missing=
want() { # want PACKAGE COMMAND...: the package unless the command succeeds
  package=$1
  shift
  if ! "$@" >/dev/null 2>&1; then
    missing="$missing $package"
  fi
}

has_header() {
  echo "#include <$1>" | cc -E -x c - >/dev/null 2>&1
}

want gcc command -v gcc
want libc6-dev has_header stdio.h
want pkg-config command -v pkg-config
want libsqlite3-dev has_header sqlite3ext.h
want sqlite3 command -v sqlite3
want libcurl4-openssl-dev pkg-config --exists libcurl
want libcjson-dev pkg-config --exists libcjson
want ca-certificates test -e /etc/ssl/certs/ca-certificates.crt

case ${1:-} in
test)
  want python3 test -x /usr/bin/python3
  want binutils command -v readelf
  want diffutils command -v diff
  want openssl command -v openssl # certificates of test servers
  want nghttp2-proxy command -v nghttpx # tests over HTTP/2; 0.4 MB
  want locales test -f /usr/share/i18n/locales/de_DE # a decimal comma
  # Programs that read a file of ours; what PyPI has: tests/interop/packages.py
  want python3-venv /usr/bin/python3 -c 'import ensurepip, venv'
  want libsqliteodbc grep -q '^.SQLite3.' /etc/odbcinst.ini
  want python3-pyodbc /usr/bin/python3 -c 'import pyodbc'
  ;;
hosts)
  # Hosts of docs/install.md; what registries have: tests/hosts/test_hosts.py.
  # Compilers of several hundred megabytes are not fetched: without go, cargo
  # and node their hosts are skipped.
  want python3 test -x /usr/bin/python3
  want python3-venv /usr/bin/python3 -c 'import ensurepip, venv'
  want r-cran-rsqlite Rscript -e 'library(RSQLite)'
  want php-cli command -v php
  want php-sqlite3 php -r 'new SQLite3(":memory:");'
  want ruby ruby --version
  want ruby-sqlite3 ruby -e 'require "sqlite3"'
  want default-jdk-headless command -v javac
  want libxerial-sqlite-jdbc-java test -e /usr/share/java/sqlite-jdbc.jar
  ;;
lint)
  want python3 test -x /usr/bin/python3
  want clang-format command -v clang-format
  ;;
esac

# The library needs SQLite 3.40.0: Debian 12 and Ubuntu 24.04 have it.
old_sqlite() {
  found=$(sqlite3 --version 2>/dev/null | cut -d ' ' -f 1)
  oldest=$(printf '%s\n3.40.0\n' "$found" | sort -V | head -n 1)
  if [ -n "$found" ] && [ "$oldest" != 3.40.0 ]; then
    echo "make deps: sqlite3 is $found and the library needs 3.40.0 or newer," >&2
    echo "as Debian 12 and Ubuntu 24.04 have it." >&2
    return 0
  fi
  return 1
}

if [ -z "$missing" ]; then
  ! old_sqlite
  exit
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "make deps: missing:$missing" >&2
  echo "make deps: this is not Debian or Ubuntu; install the packages of" >&2
  echo "your system that correspond to these, then run make again." >&2
  exit 1
fi

as_root=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "make deps: run as root: apt-get install -y$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi
install_missing() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing >&2
}
echo "make deps: installing$missing" >&2
# The lists may be absent or old: fetch them only when installing fails.
if ! install_missing; then
  $as_root apt-get update -q >&2
  install_missing
fi
! old_sqlite
