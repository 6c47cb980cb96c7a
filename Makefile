# Needs nothing but Python >= 3.11 and make; all else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# How tokens are signed in `make up` and `make demo`: HS256 or RS256.
KEYS ?= $(DEV_KEYS)
# Without bytecode each process that is started compiles all of our modules first, for a second.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: bench bench-guard board budget chaos compare-pair compiled help profile up coach monolith router test test-clients test-compiled test-compose check format demo load load-k6 lock fuzz soak simulate clean
.DELETE_ON_ERROR:

help: ## what there is to run (this list)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

up: $(VENV)/running ## monolith, coach and router on this machine, until Ctrl-C
	@DEV_KEYS=$(KEYS) exec $(BIN)/python -m dev.up

coach: $(VENV)/running ## start coach again in the stack that `make up` runs (also: monolith, router)
	@exec $(BIN)/python -m dev.up $@

monolith router: $(VENV)/running
	@exec $(BIN)/python -m dev.up $@

TESTERS ?= 2
test: $(VENV)/testing $(VENV)/loading ## every test, the ones that start the real processes too (ARGS, TESTERS)
	@$(BIN)/python -m pytest --numprocesses $(TESTERS) $(ARGS)

test-clients: $(VENV)/meeting ## real clients through the router to real upstreams, none left out (WRITE)
	@$(BIN)/python -m tests.clients.installing
	@CLIENTS=all $(BIN)/python -m pytest tests/clients $(ARGS)
	@$(BIN)/python -m tests.clients.versions $(if $(WRITE),--write $(WRITE))

compiled: build/compiled/.made ## the program with its data path as C extensions, in build/compiled

test-compiled: build/compiled/.made ## the tests of the data path once more, on what is compiled
	@cd build/compiled && exec $(CURDIR)/$(BIN)/python -m pytest --numprocesses $(TESTERS) tests/core tests/edge tests/conformance $(ARGS)

test-compose: $(VENV)/composing ## the containers: built, run, looked at, taken down (as root on Debian)
	@exec $(BIN)/python -m dev.compose

check: $(VENV)/testing ## format, lint, types, layers, locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m dev.locks

format: $(VENV)/testing ## put the code into its one format
	@$(BIN)/ruff check --select I --fix --quiet .
	@$(BIN)/ruff format .

demo: $(VENV)/running ## a whole migration in about a minute, told step by step
	@DEV_KEYS=$(KEYS) exec $(BIN)/python -m dev.demo

compare-pair: $(VENV)/running ## the real pair compared for long, and then with a bug in coach (COUNT, WRITE)
	@exec $(BIN)/python -m dev.compare_pair $(if $(COUNT),--count $(COUNT)) $(if $(WRITE),--write $(WRITE))

board: $(VENV)/running ## make the Grafana board anew from dev/panels.py
	@$(BIN)/python -m dev.board --write

SECONDS ?= 60
USERS ?= 100
SHAPE ?= steady
MIX ?= app
LOAD = $(BIN)/python -m dev.load --users $(USERS) --seconds $(SECONDS) --mix $(MIX)

load: $(VENV)/loading ## 100 users at 0 % and at 100 %, side by side (SECONDS, USERS, SHAPE, MIX, WRITE)
	@DEV_KEYS=$(KEYS) exec $(LOAD) --shape $(SHAPE) $(if $(WRITE),--write $(WRITE))

load-k6: $(VENV)/loading ## the same scenario by k6, at 100 % (PERCENTS=0,100)
	@DEV_KEYS=$(KEYS) exec $(LOAD) --by k6 --percents $(or $(PERCENTS),100)

# SECONDS has a default that is meant for load.
BENCH_SECONDS = $(if $(filter command,$(origin SECONDS)),--seconds $(SECONDS))
CHECKOUT = --checkout $(or $(ROUTER_CHECKOUT),build/compiled)
AS_SHIPPED = $(if $(ROUTER_CHECKOUT),,build/compiled/.made)
bench: $(VENV)/benching $(AS_SHIPPED) ## the router beside nginx, HAProxy, Caddy and others (TURNS, SECONDS, ONLY, PEERS, WRITE)
	@exec $(BIN)/python -m dev.bench $(if $(TURNS),--turns $(TURNS)) $(BENCH_SECONDS) $(CHECKOUT) \
		$(if $(ONLY),--only $(ONLY)) $(if $(PEERS),--peers $(PEERS)) $(if $(WRITE),--write $(WRITE))

bench-guard: $(VENV)/running $(AS_SHIPPED) ## fail if the router costs too much beside a peer, in one short run
	@exec $(BIN)/python -m dev.bench.guard $(CHECKOUT)

budget: $(VENV)/running build/compiled/.made ## what each part of the data path costs a request, by callgrind (WRITE)
	@exec $(BIN)/python -m dev.bench.budget $(if $(WRITE),--write $(WRITE))

simulate: $(VENV)/running ## breaker and budget: a candidate that hangs, and days of traffic, in a minute
	@exec $(BIN)/python -m dev.simulate

profile: $(VENV)/benching $(AS_SHIPPED) ## where the router's time goes under the load of the bench (SECONDS)
	@exec $(BIN)/python -m dev.bench.profiling $(BENCH_SECONDS) $(CHECKOUT)

soak: $(VENV)/benching $(AS_SHIPPED) ## half of its load for long, and whether anything grows (SECONDS, PLOT, WRITE)
	@exec $(BIN)/python -m dev.soak $(BENCH_SECONDS) $(CHECKOUT) \
		$(if $(PLOT),--plot $(PLOT)) $(if $(WRITE),--write $(WRITE))

chaos: $(VENV)/running ## everything behind the router goes wrong, and what clients see of it (ONLY, SEED, COUNT, EXCHANGE, WRITE)
	@exec $(BIN)/python -m dev.chaos $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED)) \
		$(if $(COUNT),--count $(COUNT)) $(if $(EXCHANGE),--exchange $(EXCHANGE)) \
		$(BENCH_SECONDS) $(if $(WRITE),--write $(WRITE))

fuzz: $(VENV)/fuzzing ## any bytes at the parsers' glue, guided by coverage (SECONDS, ONLY)
	@exec $(BIN)/python -m dev.fuzz $(BENCH_SECONDS) $(if $(ONLY),--only $(ONLY))

lock: $(VENV)/made ## make the lock files anew from pyproject.toml
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(PIP) install uv
	@$(BIN)/python -m dev.locks --write

clean: ## remove .venv, caches and the state in .dev
	@rm -rf $(VENV) .dev .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

build/compiled/.made: $(VENV)/testing setup.py $(shell find router tests -name '*.py')
	@$(BIN)/python -m dev.compiling
	@touch $@

# Each file says that a step is done and need not be done again, so a second run asks no network.
$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This needs Python 3.11 or later, and $(PYTHON) is not that" \
			"($$($(PYTHON) --version 2>/dev/null || echo not found))." \
			"Say which one to take: make PYTHON=python3.13 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments." \
			"On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "making $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/running: $(VENV)/made requirements.lock pyproject.toml
	@echo "installing what is locked in requirements.lock"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/testing: $(VENV)/running requirements-dev.lock
	@echo "installing what is locked in requirements-dev.lock"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/composing: $(VENV)/running requirements-compose.lock
	@echo "installing what is locked in requirements-compose.lock"
	@$(PIP) install --require-hashes -r requirements-compose.lock
	@touch $@

$(VENV)/loading: $(VENV)/running requirements-load.lock
	@echo "installing what is locked in requirements-load.lock"
	@$(PIP) install --require-hashes -r requirements-load.lock
	@touch $@

$(VENV)/meeting: $(VENV)/testing requirements-clients.lock
	@echo "installing what is locked in requirements-clients.lock"
	@$(PIP) install --require-hashes -r requirements-clients.lock
	@touch $@

$(VENV)/benching: $(VENV)/running requirements-bench.lock
	@echo "installing what is locked in requirements-bench.lock"
	@$(PIP) install --require-hashes -r requirements-bench.lock
	@touch $@

$(VENV)/fuzzing: $(VENV)/testing requirements-fuzz.lock
	@echo "installing what is locked in requirements-fuzz.lock"
	@$(PIP) install --require-hashes -r requirements-fuzz.lock
	@touch $@
