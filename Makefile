# The commands of the project. Each sets up only what it needs, and again only when the pins changed.
#   make run     set up, solve real evaluation tasks, print the score          make test    set up, pass every fast test
#   make check   ruff and mypy                                                make bench   the ratios of docs/LOG.md

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARC    := $(BIN)/arc-submit
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test test-slow check bench bench-sandbox bench-loop clean

help:
	@sed -n '2,3s/^# *//p' Makefile

$(VENV)/.core: requirements/core.txt pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "installing the core (requirements/core.txt)" >&2
	@$(PIP) install --no-deps -r requirements/core.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	@echo "installing the test tools (requirements/dev.txt)" >&2
	@$(PIP) install --no-deps -r requirements/dev.txt
	@touch $@

run: $(VENV)/.core
	@$(ARC) run --data arc1-evaluation --limit 60 --seconds-per-task 10 --out out/run --fresh
	@$(ARC) score out/run

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest -m "not slow and not gpu"

test-slow: $(VENV)/.dev
	$(BIN)/pytest -m slow

bench: bench-sandbox bench-loop

bench-sandbox: $(VENV)/.dev
	@$(BIN)/python scripts/bench_sandbox.py

bench-loop: $(VENV)/.dev
	@$(BIN)/python scripts/bench_loop.py

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache arc_submit.egg-info
