# Each target creates .venv and installs by itself. `make play` needs no more than Python 3.11+, a C++17 compiler and pip.
PYTHON ?= python3
BIN := .venv/bin
MINUTES ?= 1
SEED ?= 0

.PHONY: help play web test check install wheel sanitize fuzz clean

help:      ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

play: .venv/.installed  ## seven agents negotiate and play to the end of 1902
	$(BIN)/cicero-lite play --powers all --until 1902 --seed 7 --out runs/first-light

web: .venv/.installed  ## a table in your browser: you and six agents
	$(BIN)/cicero-lite web

install: .venv/.installed  ## into .venv

# Whether there is a compiler is asked before anything is downloaded; the names are those that CMake looks for.
.venv/.installed: pyproject.toml constraints.txt CMakeLists.txt $(wildcard engine/src/* planner/src/*)
	@for name in $${CXX:-c++ g++ clang++}; do command -v $$name >/dev/null && exit 0; done; \
	cat docs/no-compiler.txt >&2; exit 1
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/.dev: .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

test: .venv/.dev  ## the tests, on two cores
	$(BIN)/python -m pytest -q -n 2

check: .venv/.dev  ## what continuous integration asks of the sources, and the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" lint-imports
	$(BIN)/python -m pytest -q -n 2

wheel: .venv/.installed  ## builds the wheel and tests it in an environment of its own
	.ci/wheel

# The stub is text, and pictures are made in Python alone: neither says anything about the compiled rules.  Reports of
# the sanitizers go past Python: pytest may not catch them.
sanitize: .venv/.dev  ## the tests of the rules, compiled to stop at bad memory accesses and undefined behaviour
	.ci/sanitized -m pytest -q --capture=sys tests/engine --ignore=tests/engine/test_render.py -k "not stub"

fuzz: .venv/.dev  ## MINUTES=30 [SEED=0]: hostile orders, games, maps, positions and answers of servers, each so long, on the sanitized rules
	.ci/sanitized tests/fuzz/run.py all --minutes $(MINUTES) --seed $(SEED) --limit 20

clean:     ## removes .venv and build
	rm -rf .venv build
