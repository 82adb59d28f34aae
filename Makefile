# Everything is set up in .venv by plain pip; nothing else on the machine is read.
# PYTHON=... chooses another interpreter (3.11 or newer).

ifndef PYTHON
PYTHON := $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$name; break; }; done)
endif

VENV := .venv
BIN := $(VENV)/bin
QUIET := -qq --disable-pip-version-check --no-input
PIP := $(BIN)/python -m pip $(QUIET)
INPUTS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help example test check format lint types floors docs coverage bench lowest build peers versions clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

# --- set-up: one stamp for each set of packages ---

$(VENV)/.pip:
	@test -n "$(PYTHON)" || { echo "crmbridge needs Python 3.11 or newer: make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.base: $(VENV)/.pip $(INPUTS)
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.example: $(VENV)/.base
	$(PIP) install --constraint constraints.txt --group example
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) install --constraint constraints.txt --group dev
	@touch $@

# --- what a user runs ---

example: $(VENV)/.example  ## run the main example (no account, no network but loopback)
	$(BIN)/python examples/01_first_sync.py

test: $(VENV)/.dev  ## run every test: units, contracts, examples, README, docs, docstrings
	$(BIN)/python -m pytest

check: lint types floors docs build peers test  ## lint, types, floors, docs, wheel, peers, then every test

# --- the parts of check ---

format: $(VENV)/.dev  ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/.dev  ## check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev  ## check types with mypy and pyright
	$(BIN)/mypy
	$(BIN)/pyright

floors: $(VENV)/.dev  ## check that imports only point downwards
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/.dev  ## build the documentation into docs/_build; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html -d docs/_build/doctrees docs docs/_build/html

build: $(VENV)/.dev  ## build wheel and sdist, install the wheel in an empty venv, import it
	rm -rf dist build/wheel
	$(BIN)/python -m build --installer pip --outdir dist . >/dev/null
	$(PYTHON) -m venv build/wheel
	build/wheel/bin/python -m pip $(QUIET) install --constraint constraints.txt dist/*.whl
	cd build && wheel/bin/python -W error ../.ci/check_wheel.py

coverage: $(VENV)/.dev  ## run the tests that are not slow, and show the lines they miss
	$(BIN)/coverage run -m pytest -q -m "not slow"
	$(BIN)/coverage report

bench: $(VENV)/.dev  ## run the benchmarks
	$(BIN)/python -m bench.run

lowest: $(VENV)/.dev  ## run the tests with the lowest versions that pyproject.toml allows
	rm -rf build/lowest
	$(PYTHON) -m venv build/lowest
	build/lowest/bin/python -m pip $(QUIET) install --upgrade "pip>=25.1"
	$(BIN)/python .ci/lowest.py > build/lowest.txt
	build/lowest/bin/python -m pip $(QUIET) install --constraint build/lowest.txt --editable . --group test --group example
	build/lowest/bin/python -m pytest -m "not slow"

# Peers ask for versions of their own, so the constraints are not theirs.
build/peers/.ready: $(VENV)/.pip $(INPUTS)
	rm -rf build/peers
	$(PYTHON) -m venv build/peers
	build/peers/bin/python -m pip $(QUIET) install --upgrade "pip>=25.1"
	build/peers/bin/python -m pip $(QUIET) install --constraint constraints.txt --editable . --group test
	build/peers/bin/python -m pip $(QUIET) install --group peers
	@touch $@

peers: build/peers/.ready  ## run other people's clients against the fakes, in a venv of their own
	build/peers/bin/python -m pytest -p no:logging tests/peers

# Some packages refuse early patch releases of a Python: run this on the oldest one,
# or a machine with Python 3.11.2 finds no package for a number taken on 3.11.7.
versions: clean  ## take the newest versions of everything into constraints.txt
	: > constraints.txt
	$(MAKE) $(VENV)/.dev
	( echo "# The versions that the tests run with: names and numbers only."; \
	  echo "# Renew with: make versions"; \
	  $(BIN)/python -m pip --disable-pip-version-check freeze --exclude-editable ) > constraints.txt
	@touch $(VENV)/.base $(VENV)/.example $(VENV)/.dev

clean:  ## remove everything that make has made
	rm -rf .venv build dist docs/_build .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
