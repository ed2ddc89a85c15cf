# The two commands of a user: `make guide` and `make report`. Those of a developer: test, lint, docs, coverage, bench,
# and `make engine`, which builds the simulator from its C sources. Everything is set up in .venv (and .cache). Outside
# this folder, only `make test` changes anything: it installs the system packages of tools/system-packages.txt where it may.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPELLED := deepkit docs tests tools benchmarks README.md CONTRIBUTING.md CHANGELOG.md Makefile
FLOOR := 94
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: guide report test test-pythons coverage lab lint engine docs words bench clean

guide: $(VENV)/.ready
	$(BIN)/deepkit lab

report: $(VENV)/.ready
	$(BIN)/deepkit report

test: $(VENV)/.ready-dev .cache/openai1/.ready .cache/mitmproxy/.ready
	tools/system-packages.sh
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore=tests/lab
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/lab

# The tests that need no browser, no network lab and no second client, on each Python from 3.11 to 3.14 that is here.
test-pythons:
	tools/test-pythons.sh

# Lines and branches of deepkit/ that the tests reach, those of processes that they start included.
coverage: $(VENV)/.ready-dev .cache/openai1/.ready .cache/mitmproxy/.ready
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore=tests/lab --cov --cov-report=
	$(BIN)/python -m coverage report --fail-under=$(FLOOR)

# The fault lab: over two hundred troubles on loopback, and a real network in namespaces (root, Debian).
lab: $(VENV)/.ready-dev .cache/mitmproxy/.ready
	tools/system-packages.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/lab

# Style, types, dependencies declared and used, code that nothing uses, spelling.
lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry deepkit
	$(BIN)/vulture
	$(BIN)/codespell $(SPELLED)
	$(BIN)/clang-format --dry-run -Werror deepkit/cluster/engine/*.[ch]

engine: $(VENV)/.ready-dev
	$(BIN)/clang-format -i deepkit/cluster/engine/*.[ch]
	$(BIN)/python tools/build_engine.py

# The pages and the reference as a site in build/site, without any network; a broken link is an error.
docs: $(VENV)/.ready-dev
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/site
	@echo "build/site/index.html"

# The sentences of data/language, compiled to what is read.
words: $(VENV)/.ready-dev
	for one in en zh; do $(BIN)/pybabel -q compile -l $$one -i data/language/$$one.po -o data/language/$$one.mo; done

bench: $(VENV)/.ready-dev .cache/openai1/.ready
	$(BIN)/python -m benchmarks

# uv needs seconds where pip needs a minute; where it cannot be used, pip does the same.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "DeepKit needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python pyproject.toml constraints.txt
	tools/install.sh $(BIN)/python -e '.[all]'
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	tools/install.sh $(BIN)/python -e '.[all,dev]'
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
