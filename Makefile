# SPDX-License-Identifier: Apache-2.0
# Everything runs in .venv, which the first target makes; only Python >= 3.11 and make are needed.

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin

.PHONY: help demo test test-all test-gpu lint clean
help:           ## This list
	@grep -E '^[a-z-]+: .*##' Makefile | sed -E 's/:[^#]*##/\t/'

demo: .venv/.ready     ## Cast, forge and run the digit classifier and ResNet-50
	$(BIN)/python examples/demo.py

test: .venv/.ready     ## What every change runs (at most 10 minutes on 2 cores)
	$(BIN)/python -m pytest -n $(JOBS) -q -m "not slow"

test-all: .venv/.ready ## Everything
	$(BIN)/python -m pytest -n $(JOBS) -q

test-gpu:       ## What needs a GPU, with $(PYTHON) as it is; call it again until nothing is left
	PYTHONPATH=src $(PYTHON) -m tests.gpu

lint: .venv/.ready     ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:          ## Remove the environment and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is too old; set PYTHON to a Python of at least 3.11"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo "$(PYTHON) cannot make environments; install its venv module (Debian: python3-venv)"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@
