# Everything a newcomer types. It asks for Python 3.11, make and apt, and brings the rest itself.

export HOST ?= 127.0.0.1
export PORT ?= 8000
# Programs of the environment come first, so that a bare `npm`, `uv` or `flask` is the right one.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

PYTHON ?= python3
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet
FLASK := .venv/bin/flask --app wsgi
APT := $(if $(filter 0,$(shell id -u)),,sudo) env DEBIAN_FRONTEND=noninteractive apt-get -qq

PYTEST := .venv/bin/python -m pytest

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test lint types pytest prove bench pictures assets chromium nginx slurm lock words clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10


# What people do -----------------------------------------------------------------------------------

run: .venv/server ## serve the demo, from nothing, at http://127.0.0.1:8000
	@$(MAKE) --no-print-directory assets || echo "The front-end libraries are missing; pages work without them, plain."
	$(FLASK) init
	$(FLASK) demo
	@echo "Serving http://$(HOST):$(PORT) (Ctrl-C stops it)"
	@exec .venv/bin/gunicorn --config booking/gunicorn.conf.py wsgi:app

test: lint types pytest ## check style, types, and every test on both databases

lint: .venv/tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: .venv/tests
	.venv/bin/mypy

pytest: .venv/tests .venv/assets chromium slurm nginx
	$(PYTEST) --numprocesses=logical --dist=worksteal

prove: .venv/tests .venv/assets chromium slurm nginx ## run the long proofs, one at a time
	$(PYTEST) -m prove --hypothesis-profile=prove

bench: .venv/tests ## measure against the floors and print the table
	.venv/bin/python -m tests.bench

pictures: .venv/tests .venv/assets chromium ## take the pictures of README.md anew from the running demo
	@fc-list :lang=zh | grep -q . || { $(APT) update && $(APT) install --no-install-recommends fonts-noto-cjk; }
	.venv/bin/python -m tests.pictures

assets: .venv/assets ## bring the front-end libraries from their lock file


# What the machine needs: a stamp in .venv says that its lock file has been installed --------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv .venv || { $(APT) update && $(APT) install python3-venv && $(PYTHON) -m venv --clear .venv; }

.venv/server: requirements.txt | .venv/bin/python
	$(PIP) install --require-hashes --requirement requirements.txt
	@touch $@

.venv/tests: tests/requirements.txt .venv/server
	$(PIP) install --require-hashes --requirement tests/requirements.txt
	@touch $@

# Debian's npm is used where there is one; otherwise Node.js comes as a package of the environment.
.venv/npm: static/requirements.txt | .venv/bin/python
	@command -v npm >/dev/null || $(PIP) install --require-hashes --requirement static/requirements.txt
	@touch $@

.venv/assets: static/package.json static/package-lock.json .venv/npm
	@mkdir -p .venv/node static/vendor
	cp static/package.json static/package-lock.json .venv/node/
	cd .venv/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cd .venv/node/node_modules && cp @tabler/core/dist/css/tabler.min.css htmx.org/dist/htmx.min.js \
		uplot/dist/uPlot.iife.min.js uplot/dist/uPlot.min.css $(CURDIR)/static/vendor/
	@touch $@

chromium:
	@command -v chromium >/dev/null || { $(APT) update && $(APT) install --no-install-recommends chromium; }

nginx:
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || { $(APT) update && \
		RUNLEVEL=1 $(APT) install --no-install-recommends nginx-light; }

SLURM = munge mariadb-server-core mariadb-client-core slurmctld slurmd slurmdbd slurm-client \
	slurm-wlm-basic-plugins slurm-wlm-mysql-plugin

# A real cluster runs as root only; elsewhere its tests are left out and say so. Nothing is started by the packages.
slurm:
	@[ "$$(id -u)" != 0 ] || command -v slurmctld >/dev/null || { $(APT) update && \
		RUNLEVEL=1 $(APT) install --no-install-recommends $(SLURM); }


# What maintainers do ------------------------------------------------------------------------------

LOCK = uv pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: .venv/tests .venv/npm ## write the lock files anew from pyproject.toml and static/package.json
	$(LOCK) --upgrade --output-file requirements.txt
	$(LOCK:pyproject.toml=) --upgrade --constraint requirements.txt --group test --output-file tests/requirements.txt
	$(LOCK:pyproject.toml=) --upgrade --constraint requirements.txt --group assets --output-file static/requirements.txt
	cd static && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved

words: .venv/tests ## bring new messages into the catalogues of translations
	pybabel --quiet extract --mapping booking/babel.cfg --output .venv/messages.pot --no-location --sort-output \
		$(addprefix --keyword=,lazy_gettext _l NotFound Unreadable Refusal:2 Invalid:2 Forbidden Conflict TooMany Unauthenticated Sentence __init__) \
		--keyword=_counted:1,2 --keyword=_closed:2 .
	pybabel --quiet update --input-file .venv/messages.pot --output-dir booking/translations --no-fuzzy-matching \
		--ignore-pot-creation-date --width 120

clean: ## forget the environment and the front-end libraries, not the data in instance/
	rm -rf .venv static/vendor
