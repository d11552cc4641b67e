# `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
TOOLKIT := .venv/bin/toolkit
ENV ?= development

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: ## Python environment with the locked dependencies and the command `toolkit`.
	@scripts/bootstrap.sh python

.PHONY: engine
engine: ## Docker Engine and Compose, installed and started where they are missing.
	@scripts/bootstrap.sh engine

.PHONY: up
up: install engine ## Bring the stack up on this machine, with everything that it needs (ENV=development).
	@[ -e toolkit.yaml ] || $(TOOLKIT) init --env $(ENV)
	@$(TOOLKIT) up --env $(ENV) --wait=models

.PHONY: down
down: install ## Stop the stack; volumes stay (ENV=development).
	@$(TOOLKIT) down --env $(ENV)

.PHONY: dev
dev: ## The Python environment with the tools of development, too.
	@scripts/bootstrap.sh dev

.PHONY: check
check: dev ## The gate without an engine: ruff, mypy, import rules, unit, golden and compose tests.
	@scripts/test.sh check

.PHONY: golden
golden: dev ## Write the golden trees of tests/golden anew; read the diff before you commit it.
	@UPDATE_GOLDEN=1 $(PYTHON) -m pytest tests/golden -q

.PHONY: proof
proof: dev engine ## Write docs/proof anew: tables of what was predicted and what was measured (an hour).
	@$(PYTHON) -m tests.support.kv_table
	@$(PYTHON) -m tests.support.load_proof
	@$(PYTHON) -m tests.support.health_proof
	@$(PYTHON) -m tests.proof.personas
	@$(PYTHON) -m tests.proof.incident_table
	@$(PYTHON) -m tests.proof.gallery
	@$(PYTHON) -m tests.proof.faults
	@$(PYTHON) -m pytest -q -rP tests/proof/test_newer_engines.py

.PHONY: test
test: dev ## Everything: the gate, then the tests on a real engine with the real servers.
	@scripts/test.sh

.PHONY: bench
bench: dev engine ## Ratios against named peers, all measured in one run.
	@scripts/bootstrap.sh lab
	@$(PYTHON) -m bench

LOCK = $(PYTHON) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header $(RENEW) pyproject.toml
# What is locked stays as it is, but for the packages that are named, or all of them.
RENEW = $(if $(filter 1,$(UPGRADE)),--upgrade) $(addprefix --upgrade-package ,$(PACKAGE))

.PHONY: lock
lock: dev ## Lock the dependencies again, with hashes; PACKAGE=name or UPGRADE=1 takes newer ones.
	@$(PYTHON) -m pip install --quiet uv
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group dev --output-file requirements-dev.lock

.PHONY: stop-engine
stop-engine: ## Stop a Docker Engine that this project started.
	@scripts/bootstrap.sh stop-engine
