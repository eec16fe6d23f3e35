# The newcomer's commands are `make demo` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TESTS  ?=
RUNS   ?= 50
BUYERS ?= 200
EXAMPLES ?= 300
STEPS  ?= 40
PAUSE  ?= 30

.DEFAULT_GOAL := help
.PHONY: help demo run worker test races proofs pauses check bench migrate lock

help:  ## List what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .make/runtime  ## Run the whole shop against the sandbox: no keys, no set-up
	$(BIN)/python -m app demo

run: migrate  ## Run the shop with the settings in .env (web and worker in one process)
	$(BIN)/python -m app run

worker: .make/runtime  ## Run one more worker (PostgreSQL only)
	$(BIN)/python -m app worker

migrate: .make/runtime  ## Bring the database to this version
	$(BIN)/python -m app migrate

test: .make/dev  ## Run all tests, on SQLite and PostgreSQL (TESTS=path for some of them)
	$(BIN)/python -m pytest -n auto --dist worksteal $(TESTS)

races: .make/dev  ## Everybody at once, many times, on both databases (RUNS=50 BUYERS=200)
	RACE_RUNS=$(RUNS) RACE_BUYERS=$(BUYERS) $(BIN)/python -m pytest -n 0 -q tests/races

proofs: .make/dev  ## Tell long stories of orders and money, killed anywhere (EXAMPLES=300 STEPS=40)
	EXAMPLES=$(EXAMPLES) STEPS=$(STEPS) STRIDE=1 $(BIN)/python -m pytest -n auto --dist worksteal -rP tests/orders_and_money

pauses: .make/dev  ## Run PostgreSQL's tests with pauses in them: in what order are locks taken? (PAUSE=30)
	PAUSE_MS=$(PAUSE) $(BIN)/python -m pytest -n 5 --dist worksteal -m postgres $(TESTS)

check: .make/dev  ## Lint, formatting, types, import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .make/dev .make/bench  ## Measure limit, peer and product in one go
	$(BIN)/python -m bench

lock: .make/dev  ## Renew the lock files from pyproject.toml
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-header --python-version 3.11 --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-header --python-version 3.11 --group bench -o requirements-bench.lock

.make/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tresen needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@mkdir -p .make && touch $@

# Compiled at install: importing the libraries uncompiled costs seconds in every process. The
# system's certificates, as pip uses them: an index may stand behind a company's own.
.make/runtime: .make/venv requirements.lock
	$(BIN)/uv pip install -q --system-certs --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@touch $@

.make/dev: .make/venv requirements-dev.lock
	$(BIN)/uv pip install -q --system-certs --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.lock
	@touch .make/runtime $@

# django-oscar, which the bench measures beside us.
.make/bench: .make/venv requirements-bench.lock
	$(BIN)/uv venv -q --allow-existing --python $(BIN)/python .venv-bench
	$(BIN)/uv pip install -q --system-certs --python .venv-bench/bin/python --require-hashes --compile-bytecode -r requirements-bench.lock
	@touch $@
