# `make run` and `make test` do all the set-up on a machine with Python 3.11 or newer.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14; do \
	if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo "$$each"; break; fi; done)
BIN := .venv/bin
PIP := -m pip --disable-pip-version-check --quiet install
SOURCES := bot handlers workflows storage tests
# Half a second less at each start where PYTHONDONTWRITEBYTECODE is set; pip does it for a wheel.
READY = $(BIN)/python -m compileall -qq bot handlers workflows storage || true
# Tests with real processes wait more than they compute.
WORKERS ?= 4
ARGS ?=
CMD ?= run

.PHONY: help run test check bench format catalogues lock synapse aiogram clean

help:
	@echo 'make run [ARGS=...]   start the bridge; without lianzhi.toml: SQLite and the browser'
	@echo 'make run CMD=init     write lianzhi.toml by answering questions; CMD=check tries every part'
	@echo 'make test [ARGS=...]  format, lint, types, floors, catalogues and all tests'
	@echo 'make check            the same without the tests'
	@echo 'make bench            measure, beside a baseline of the same run'
	@echo 'make format           write the code in the one format'
	@echo 'make catalogues       bring locale/ up to date with the sentences in the code'
	@echo 'make lock             choose new versions of all libraries'
	@echo 'make clean            remove all that the others have set up'

run: .venv/runtime
	@$(READY)
	@$(BIN)/python -m bot $(CMD) $(ARGS)

test: check .cache/synapse/ready .cache/aiogram/ready
	@$(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: .venv/dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m bot.catalogues check

bench: .venv/dev .cache/synapse/ready
	@$(READY)
	$(BIN)/python -m tests.bench $(ARGS)

format: .venv/dev
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

catalogues: .venv/dev
	$(BIN)/python -m bot.catalogues extract
	$(BIN)/python -m bot.catalogues update
	$(BIN)/python -m bot.catalogues check

synapse: .cache/synapse/ready

aiogram: .cache/aiogram/ready

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

# The environments. A stamp is newer than the lock that it was made from.

define new_environment
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: https://www.python.org' >&2; exit 1; }
	@test -x $(1)/bin/python || { echo 'Making $(1)'; '$(PYTHON)' -m venv $(1); }
endef

.venv/runtime: locks/runtime.lock
	$(call new_environment,.venv)
	$(BIN)/python $(PIP) --require-hashes -r $<
	@touch $@

.venv/dev: locks/dev.lock .venv/runtime pyproject.toml
	$(BIN)/python $(PIP) --require-hashes -r $<
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.cache/%/ready: tests/servers/%.lock
	$(call new_environment,.cache/$*)
	.cache/$*/bin/python $(PIP) --require-hashes -r $<
	@touch $@

# Universal: one lock for every system and every Python from 3.11 on. uv names no index in it.
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header

lock: .venv/dev
	$(COMPILE) pyproject.toml -o locks/runtime.lock
	$(COMPILE) pyproject.toml --group dev -c locks/runtime.lock -o locks/dev.lock
	$(COMPILE) --group synapse -o tests/servers/synapse.lock
	$(COMPILE) --group aiogram -o tests/servers/aiogram.lock
