# Two commands matter: `make demo` and `make test`. The rest are their parts.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# More than half of the tests' time would be waiting for fsync: where there is room, memory is their disk.
SCRATCH := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR == 2 {print $$4}')" -gt 6000000 ] && echo TMPDIR=/dev/shm)

.PHONY: help demo demo-fresh demo-code test check unit faults system lint types security screenshots docs bench lock clean

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

demo-code: $(VENV)/.demo ## The code with which an account of the demo signs in: make demo-code ACCOUNT=coach
	@$(BIN)/kcc demo --code "$(ACCOUNT)"

demo-fresh: $(VENV)/.demo ## The same, from nothing
	@$(BIN)/kcc demo --fresh $(ARGS)

test: system lint types security ## Set up whatever is needed and run the tests
	$(SCRATCH) $(BIN)/pytest -n 3 --dist worksteal $(ARGS)

check: lint types security unit ## The fast part: lint, types, known weaknesses, unit tests

unit: $(VENV)/.dev system ## Unit tests on the embedded database
	$(SCRATCH) $(BIN)/pytest -q -n 2 --dist worksteal -m "not browser and not faults and not slow" -k "not postgresql" $(ARGS)

faults: $(VENV)/.dev system ## Fail every durable step by kill, EIO and ENOSPC, and print the figures (minutes)
	$(BIN)/python -W ignore -m tests.faults --whole $(ARGS)
	KCC_FAULTS_EXAMPLES=60 $(BIN)/pytest -q -n 2 tests/faults/test_any_order.py tests/faults/test_at_once.py

whole: $(VENV)/.dev system ## All tests, with those that take minutes on both databases and in both looks (half an hour)
	KCC_WHOLE=1 $(SCRATCH) $(BIN)/pytest -n 3 --dist worksteal $(ARGS)

# Chromium and PostgreSQL are the tests' own; kcc needs neither to run.
system:
	@missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	command -v curl >/dev/null || missing="$$missing curl"; \
	[ -z "$$missing" ] && exit 0; \
	[ "$$(id -u)" = 0 ] || { echo "The tests need these packages: sudo apt-get install$$missing" >&2; exit 1; }; \
	echo "installing$$missing"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

security: $(VENV)/.dev ## Look for weak spots in the code, and for known ones in the locked libraries
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml kcc migrations hatch_build.py
	$(BIN)/python -m tests.habits.advisories

lock: ## Resolve the dependencies anew, with hashes
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--extra demo --extra postgresql --extra pdf --group build pyproject.toml -o requirements/demo.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--extra demo --extra postgresql --extra pdf --extra s3 --extra scim --extra sso --group build --group dev -c requirements/demo.txt pyproject.toml -o requirements/dev.txt

screenshots: $(VENV)/.dev system ## Every page, both languages and looks, four widths, into ./screenshots
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

docs: $(VENV)/.dev ## Write docs/protocol.md and docs/access.md anew
	$(BIN)/python -m tests.habits.law

bench: $(VENV)/.dev ## Print each claim's ratio against its limit (needs nginx, wrk, PostgreSQL, 12 GB of disk)
	@missed=0; for claim in intake playback seek page audit first_listening memory draw erasure listing growth row_security scoring redaction; do $(BIN)/python -m benchmarks.$$claim || missed=1; done; exit $$missed

clean: ## Remove what was built and made, but not the demo
	rm -rf $(VENV) node_modules kcc/web/assets/dist .mypy_cache .pytest_cache .ruff_cache
