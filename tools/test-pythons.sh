#!/bin/sh
# Usage: tools/test-pythons.sh [PYTEST ARGUMENT...]
# Runs the tests on each Python from 3.11 to 3.14 that is installed, each in an environment of its own below
# .cache (or $ENVIRONMENTS). Left out are those that drive Chromium, a network of namespaces, or a new wheel.
set -eu
cd "$(dirname "$0")/.."
environments=${ENVIRONMENTS:-.cache}

# Prints the path of a Python: on the path, or one of pyenv's that is not switched on (its stand-in fails).
find_python() {
  for candidate in "$(command -v "python$1" || true)" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
    if [ -x "$candidate" ] && "$candidate" -c 'import ensurepip, sqlite3' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

passed=
failed=
for version in 3.11 3.12 3.13 3.14; do
  python=$(find_python "$version")
  if [ -z "$python" ]; then
    echo "Python $version: not here"
    continue
  fi
  home=$environments/python$version
  [ -x "$home/bin/python" ] || "$python" -m venv "$home"
  echo "Python $version: $python"
  if tools/install.sh "$home/bin/python" -e '.[all,test]' &&
    "$home/bin/python" -m pytest -q -n 2 -p no:cacheprovider -m 'not browser' \
      --ignore=tests/lab --ignore=tests/notebooks --ignore=tests/packaging "$@"; then
    passed="$passed $version"
  else
    failed="$failed $version"
  fi
done
echo "Tests passed on:${passed:- none}; failed on:${failed:- none}"
[ -z "$failed" ] && [ -n "$passed" ]
