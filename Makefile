# `make` alone prints this help: each target's sentence stands behind its name.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help demo up down setup test test-fast check pins

VENV := .venv
BIN := $(VENV)/bin
PINS_STAMP := $(VENV)/.pins-installed
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-for-development
NEEDS_NOTHING := not server and not airflow and not browser
# A file goes to one worker, so that what its tests share is made once.
WORKERS := --numprocesses logical --maxprocesses 4 --dist loadfile

# The first Python that works and can make an environment (a shim of pyenv may exist and not work).
IS_USABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
find_python = for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3 python; do \
    if "$$candidate" -c '$(IS_USABLE)' 2>/dev/null; then python="$$candidate"; break; fi; \
done; \
if [ -z "$$python" ]; then \
    echo "make: found no Python 3.11, 3.12 or 3.13 that has venv; install one (Debian: python3 and python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2; \
    exit 1; \
fi

# Installs a file of pins, counting as it goes: pip alone is either silent or a flood.
install = set -e -o pipefail; total=$$(grep -c '==' $(1)); echo "Installing the packages of $(1)"; \
$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -r $(1) \
    | awk -v total=$$total -v step=$$([ -t 1 ] && echo 1 || echo 50) \
        '/^(Collecting|Processing|Ignoring|Requirement already)/ \
            { if (n < total) n++; if (n % step == 0) printf "\r  %d of %d collected", n, total; fflush() } \
        /^Installing/ { printf "\n  installing, a minute or two …"; fflush() } END { print " done" }'

help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(RUN_STAMP) ## Start everything, load the bundled synthetic sample, publish its marts, show the headline
	@$(BIN)/dpgw demo

up: $(RUN_STAMP) ## Start the embedded Postgres and Airflow
	@$(BIN)/dpgw stack up

down: ## Stop everything that `make demo` or `make up` started
	@if [ -x $(BIN)/dpgw ]; then $(BIN)/dpgw stack down; else echo "Nothing to stop: there is no $(VENV)."; fi

setup: $(RUN_STAMP) ## Make .venv and install every pin, after which .venv/bin/dpgw works

test: $(DEV_STAMP) ## Run every test, on an embedded Postgres of their own
	@$(BIN)/python -m pytest $(WORKERS)

test-fast: $(DEV_STAMP) ## Run the tests that need no server
	@$(BIN)/python -m pytest $(WORKERS) -m "$(NEEDS_NOTHING)"

check: $(DEV_STAMP) ## Run the linters, the type checker and the tests of structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project expectations
	$(BIN)/python -m pytest -q tests/unit/test_structure.py tests/unit/test_docs.py

pins: ## Write every pin anew from the direct requirements (needs uv)
	@command -v uv >/dev/null || { echo "make: pins needs uv; install it with pip or your package manager." >&2; exit 1; }
	uv pip compile -q requirements.in --universal --python-version 3.11 --no-header --no-annotate -o requirements.txt
	uv pip compile -q requirements-dev.in --universal --python-version 3.11 --no-header --no-annotate -o requirements-dev.txt

$(VENV)/pyvenv.cfg:
	@$(find_python); echo "Making $(VENV) with $$($$python --version)"; $$python -m venv $(VENV)

$(PINS_STAMP): requirements.txt | $(VENV)/pyvenv.cfg
	@$(call install,requirements.txt)
	@touch $@

$(RUN_STAMP): $(PINS_STAMP) pyproject.toml
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps -e .
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(PINS_STAMP) | $(RUN_STAMP)
	@$(call install,requirements-dev.txt)
	@touch $@
