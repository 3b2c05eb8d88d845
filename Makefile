# Kendali. `make` alone prints this list.
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
CHROMIUM ?= $(or $(KENDALI_CHROMIUM),/usr/bin/chromium)
# Root needs nobody's leave, others ask sudo; where there is none, the message says what root must install.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || command -v sudo || echo "echo as root, run:")
# Half of the tests wait for somebody else: two workers a processor keep it busy.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))
.PHONY: help setup run test proof check words bench chromium mariadb

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(VENV)/.installed ## make .venv with the locked dependencies

# pip brings uv, uv brings the rest: on two processors in a third of the time.
$(VENV)/.installed: requirements-setup.txt requirements-dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kendali needs Python 3.11 or newer"; exit 1; }
	@python3 -c 'import ensurepip' 2>/dev/null || { echo "installing python3-venv (Debian ships it apart)"; \
	  $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq python3-venv; }
	@python3 -c 'import ensurepip' 2>/dev/null
	python3 -m venv $(VENV)
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-setup.txt
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install -q --compile-bytecode --require-hashes -r requirements-dev.txt || { \
	  echo "uv could not; trying pip, which knows this machine's own indexes"; \
	  $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt; }
	@touch $@

run: setup ## start everything: database, simulation, collectors, publisher, web
	@$(PY) run.py up

PYTEST = $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: setup chromium mariadb ## the tests, with a real PostgreSQL, MariaDB and Chromium; city/ and collectors/ covered to 95 %
	@$(PYTEST) -m "not proof" --cov --cov-report= --cov-fail-under=95

proof: setup chromium mariadb ## the long tests: outages, kills, every scene on every wall, whole programs
	@$(PYTEST) -m proof

check: setup ## lint, format, types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

words: setup ## collect what screens say into dashboard/locale; what lacks a translation is listed
	@$(PY) -m dashboard.extraction

bench: setup ## the figures, as ratios in one run
	@$(PY) -m benchmarks

chromium:
	@[ -x $(CHROMIUM) ] || { echo "installing Debian's chromium for the browser tests"; \
	  $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq chromium; }
	@[ -x $(CHROMIUM) ]

# The core packages hold the server without the service that mariadb-server would start.
mariadb:
	@[ -x /usr/sbin/mariadbd ] || command -v mariadbd >/dev/null || { echo "installing Debian's mariadb-server-core for the SQL tests"; \
	  $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq mariadb-server-core mariadb-client-core; }
	@[ -x /usr/sbin/mariadbd ] || command -v mariadbd >/dev/null
