# `make demo` and `make test` are all that a fresh machine needs; both install into .venv first.
PYTHON ?= python3
BIN := .venv/bin
# The tests start the program some hundred times: bytecode is kept, whatever the environment says.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: help install demo test test-all check format lock bench screenshots clean

help:  ## Say what can be made.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

install: .venv/installed  ## Make .venv with everything that the demo and the tests need, at pinned versions.

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tracker needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo 'Installing into .venv, which takes a minute or two …'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q tracker
	@touch $@

demo: install  ## Follow the sample story from its first version to the alert about its update.
	$(BIN)/tracker demo

test: install  ## Run the tests, without the slow ones.
	$(PYTEST)

test-all: install  ## Run all tests, with coverage.
	$(PYTEST) -m "" --hypothesis-profile=thorough --cov --cov-report=term-missing:skip-covered

check: install  ## Lint and type-check.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## Pin the newest versions that pyproject.toml allows.
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --strip-extras --upgrade --quiet -o requirements.lock

bench: install  ## Measure: writes the figures that the README quotes.
	for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

screenshots: install  ## Take a picture of every web page, at two widths, light and dark, into screenshots/; needs Chromium.
	$(BIN)/python tests/browser/screenshots.py screenshots

clean:  ## Remove what `make install`, the demo and the tools left.
	rm -rf .venv tracker-demo screenshots .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
