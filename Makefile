# The verbs of this repository. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-fraud demo-postgres test test-postgres test-fast check fmt bench docs requirements lock

help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: .venv/ready ## build .venv from requirements.lock, and what the browser loads
	@$(BIN)/python ops/assets.py

.venv/ready: requirements.lock pyproject.toml plugins/example/pyproject.toml node/pyproject.toml ops/setup.sh
	@PYTHON="$(PYTHON)" sh ops/setup.sh

demo: setup ## nine months of real flights: train, score, evaluate, judge drift, deploy, ask live; then the studio (SERVE=0: without)
	@SERVE=$(SERVE) $(BIN)/penstock --home .demo demo flights --replace

demo-fraud: setup ## the card-fraud story on generated data, with Retrain and deploy
	@SERVE=$(SERVE) $(BIN)/penstock --home .demo demo fraud --replace

demo-postgres: setup ## the same story in files and in a PostgreSQL it starts itself: every number is compared
	@$(BIN)/penstock --home .demo demo postgres

test: setup ## every test; browser walks too
	@sh ops/browser.sh
	@sh ops/servers.sh
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-postgres: export PENSTOCK_TEST_STATE = postgresql
test-postgres: test ## every test again, the state of every home on a PostgreSQL that the tests start

test-fast: setup ## words, rules and numbers (core, ml): under a minute; then the folders of what you change
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not chaos" tests/core tests/ml

check: setup ## lint, types, import rule
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python ops/assets.py --check

fmt: setup ## put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure speed and memory beside the peers, in one run
	@$(BIN)/python -m bench

docs: setup ## write the reference pages from the code
	@$(BIN)/penstock docs write docs/reference

requirements: setup ## which requirement lines have a passing test
	@$(BIN)/python tests/requirements_report.py

lock: ## pin every version again, with hashes and no address
	@$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	@.venv-lock/bin/uv pip compile pyproject.toml --all-extras --group dev --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --upgrade --quiet -o requirements.lock
	@rm -rf .venv-lock
