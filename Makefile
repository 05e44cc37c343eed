# Two commands matter: `make demo` and `make test`. The rest are their parts.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help demo demo-fresh test check unit lint types screenshots bench lock browsers clean translations

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.demo: requirements/demo.txt pyproject.toml hatch_build.py package-lock.json
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' || { echo "kcc needs Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.demo
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.demo ## Generate a contact centre, take its calls in, run the jobs and serve it
	@$(BIN)/kcc demo $(ARGS)

demo-fresh: $(VENV)/.demo ## The same, from nothing
	@$(BIN)/kcc demo --fresh $(ARGS)

test: check browsers ## Set up whatever is needed and run everything
	$(BIN)/pytest $(ARGS)

check: lint types unit ## The fast part: lint, types, unit tests

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

lock: ## Resolve the dependencies anew, with hashes
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--extra demo --extra postgresql --group build pyproject.toml -o requirements/demo.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--extra demo --extra postgresql --group build --group dev -c requirements/demo.txt pyproject.toml -o requirements/dev.txt
