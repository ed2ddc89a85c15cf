#!/bin/sh
# Usage: tools/install.sh PYTHON REQUIREMENT...
# Installs into that interpreter's environment, pinned by constraints.txt, with uv or else with pip.
set -eu
python=$1
shift
home=$(cd "$(dirname "$0")/.." && pwd)
pins=${CONSTRAINTS:-$home/constraints.txt}
pinned_uv=$(sed -n 's/^uv==/uv==/p' "$home/constraints.txt")
"$python" -m pip install --quiet "${pinned_uv:-uv}"
if ! "$python" -m uv pip install --quiet --python "$python" --constraint "$pins" "$@"; then
  echo "uv could not install; trying pip, which takes a minute or two." >&2
  "$python" -m pip install --quiet --constraint "$pins" "$@"
fi
