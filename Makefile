# The two commands of a user: `make guide` and `make report`. Those of a developer: test, lint, bench.
# Everything is set up in .venv (and .cache). Outside this folder, only `make test` changes anything: it installs the
# system packages of tools/system-packages.txt where it may. `make engine` builds the simulator from its C sources.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: guide report test lab lint engine bench clean

guide: $(VENV)/.ready
	$(BIN)/deepkit lab

report: $(VENV)/.ready
	$(BIN)/deepkit report

test: $(VENV)/.ready-dev .cache/openai1/.ready .cache/mitmproxy/.ready
	tools/system-packages.sh
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore=tests/lab
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/lab

# The fault lab: over two hundred troubles on loopback, and a real network in namespaces (root, Debian).
lab: $(VENV)/.ready-dev .cache/mitmproxy/.ready
	tools/system-packages.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/lab

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror deepkit/cluster/engine/*.[ch]

engine: $(VENV)/.ready-dev
	$(BIN)/clang-format -i deepkit/cluster/engine/*.[ch]
	$(BIN)/python tools/build_engine.py

bench: $(VENV)/.ready-dev .cache/openai1/.ready
	$(BIN)/python -m benchmarks

# uv needs seconds where pip needs a minute; where it cannot be used, pip does the same.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "DeepKit needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python pyproject.toml constraints.txt
	tools/install.sh $(BIN)/python -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	tools/install.sh $(BIN)/python -e '.[dev]'
	@touch $@

# The OpenAI SDK 1.x uses another HTTP library than 3.x and cannot stand beside it.
.cache/openai1/.ready: $(VENV)/.ready-dev
	@mkdir -p .cache
	$(PYTHON) -m venv .cache/openai1
	CONSTRAINTS=/dev/null tools/install.sh .cache/openai1/bin/python 'openai==1.109.1'
	@touch $@

# mitmproxy pins older libraries than this project's.
.cache/mitmproxy/.ready: $(VENV)/.ready-dev
	@mkdir -p .cache
	$(PYTHON) -m venv .cache/mitmproxy
	CONSTRAINTS=/dev/null tools/install.sh .cache/mitmproxy/bin/python 'mitmproxy==11.0.2'
	@touch $@

clean:
	rm -rf $(VENV) .cache dist build reports
