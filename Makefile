# Each target creates .venv and installs by itself. `make play` needs no more than Python 3.11+, a C++17 compiler and pip.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: play test check install clean

play: .venv/.installed
	$(BIN)/cicero-lite play --powers all --until 1902 --seed 7 --out runs/first-light

install: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt CMakeLists.txt $(wildcard engine/src/*)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/.dev: .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

test: .venv/.dev
	$(BIN)/python -m pytest -q

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" lint-imports
	$(BIN)/python -m pytest -q

clean:
	rm -rf .venv build
