# The commands of the project. Each sets up only what it needs, and again only when the pins changed.
#   make run     set up, solve real evaluation tasks, print the score          make test    set up, pass every fast test
#   make check   ruff and mypy                                                make bench   the ratios of docs/LOG.md
#   make toy     every step of training, two minutes                          make weights the weights, from nothing
#   make line    traces, dataset, tuning, and what it gained (15 min)         make line-cut the same in two minutes
#   make dry-run what Kaggle runs, here, without network (5 minutes)           make faults  what every fault leaves (half an hour of a core)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARC    := $(BIN)/arc-submit
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test test-slow test-gpu check toy weights bench bench-sandbox bench-loop bench-search bench-engine bench-edits bench-lm bench-step bench-adapt bench-supervisor bench-teacher bench-dataset bench-serve line line-cut faults dry-run clean

help:
	@sed -n '2,6s/^# *//p' Makefile

$(VENV)/.core: requirements/core.txt pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "installing the core (requirements/core.txt)" >&2
	@$(PIP) install --no-deps -r requirements/core.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.engine: $(VENV)/.core requirements/cpu.txt
	@echo "installing engines and training (requirements/cpu.txt, some 3 GB)" >&2
	@$(PIP) install torch==2.13.0
	@$(PIP) install --no-deps -r requirements/cpu.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.engine requirements/dev.txt
	@echo "installing the test tools (requirements/dev.txt)" >&2
	@$(PIP) install --no-deps -r requirements/dev.txt
	@touch $@

run: $(VENV)/.engine
	@$(ARC) run --data arc1-evaluation --limit 60 --seconds-per-task 10 --out out/run --fresh
	@$(ARC) score out/run

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check
	@$(BIN)/python -m arc_submit.symbolic.layers.ready >/dev/null
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not gpu"

test-slow: $(VENV)/.dev
	$(BIN)/pytest -m slow

toy: $(VENV)/.engine
	@$(BIN)/python -m training.remake toy --out out/toy

weights: $(VENV)/.engine
	@$(BIN)/python -m training.remake small --out out/train

line: $(VENV)/.engine
	@$(BIN)/python scripts/train_line.py

line-cut: $(VENV)/.engine
	@$(BIN)/python scripts/train_line.py --cut

dry-run: $(VENV)/.engine
	@$(ARC) dry-run

faults: $(VENV)/.dev
	@PYTHONPATH=tests $(BIN)/python -m faults

test-gpu: $(VENV)/.dev
	$(BIN)/pytest -m gpu tests/gpu

bench: bench-sandbox bench-loop bench-search bench-engine bench-edits bench-lm bench-step bench-adapt bench-supervisor bench-teacher bench-dataset bench-serve

bench-sandbox: $(VENV)/.dev
	@$(BIN)/python scripts/bench_sandbox.py

bench-loop: $(VENV)/.dev
	@$(BIN)/python scripts/bench_loop.py

bench-search: $(VENV)/.dev
	@$(BIN)/python scripts/bench_search.py --data arc1-training --seconds 5 20 --limit 100

bench-engine: $(VENV)/.dev
	@$(BIN)/python scripts/bench_engine.py

bench-edits: $(VENV)/.dev
	@$(BIN)/python scripts/bench_edits.py --grids 0

bench-lm: $(VENV)/.dev
	@$(BIN)/python scripts/bench_lm.py --grids 0 --control

bench-step: $(VENV)/.dev
	@$(BIN)/python scripts/bench_step.py

bench-adapt: $(VENV)/.dev
	@$(BIN)/python scripts/bench_adapt.py --cohort 8
	@$(BIN)/python scripts/bench_adapt.py

bench-supervisor: $(VENV)/.dev
	@$(BIN)/python scripts/bench_supervisor.py

bench-teacher: $(VENV)/.dev
	@$(BIN)/python scripts/bench_teacher.py

bench-dataset: $(VENV)/.dev
	@$(BIN)/python scripts/bench_dataset.py

bench-serve: $(VENV)/.dev
	@$(BIN)/python scripts/bench_serve.py

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache arc_submit.egg-info
