# `make run` starts the product, `make test` checks it; both set up what they need first.
# Settings come from the environment (PNL_PORT=9000 make run) or from .env: see docs/reference/settings.md.

PYTHON_IN_VENV := .venv/bin/python
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test test-whole test-faults soak soak-day soak-kill coverage lint format audit sbom reference image bench bench-live pins clean environment test-environment

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: environment ## Start NorthStar P&L on http://127.0.0.1:8050
	@exec $(PYTHON_IN_VENV) app.py

test: test-environment ## Check everything: style, types, imports, then all tests
	@scripts/system-packages
	@$(MAKE) --no-print-directory lint
	$(PYTHON_IN_VENV) -m pytest -n 3 --dist loadfile --reruns 1 -rR

test-whole: test-environment ## The same, with every law tried on three times as many examples
	@scripts/system-packages
	@$(MAKE) --no-print-directory lint
	TEST_DEPTH=whole $(PYTHON_IN_VENV) -m pytest -n 3 --dist loadfile --reruns 1 -rR

test-faults: test-environment ## Break the product in every way that docs/faults.md lists
	@scripts/system-packages
	@mkdir -p artifacts
	$(PYTHON_IN_VENV) -m pytest tests/faults tests/backups $$($(PYTHON_IN_VENV) -m tests.faults.register) \
		-m "slow or not slow" -n 2 --dist loadfile --junitxml artifacts/faults.xml; \
	code=$$?; $(PYTHON_IN_VENV) -m tests.faults.register artifacts/faults.xml; exit $$code

soak-kill: test-environment ## Kill it at KILLS random instants (1000) and count what was lost
	$(PYTHON_IN_VENV) -m tests.faults.kills $(or $(KILLS),1000)

soak: test-environment ## Break the running product every 20 seconds for SOAK (10m; 30s, 2h) and fail on the first harm
	@scripts/system-packages
	$(PYTHON_IN_VENV) -m tests.faults.soak $(or $(SOAK),10m) $(SEED)

soak-day: test-environment ## The same for the ticks of 24 hours, in a time of their own: some minutes
	$(PYTHON_IN_VENV) -m tests.faults.simulated 8640 $(SEED)

coverage: test-environment ## Run all tests, and tell which lines they left out (half as long again)
	@scripts/system-packages
	$(PYTHON_IN_VENV) -m pytest -n 3 --dist loadfile --cov --cov-report=term:skip-covered

lint: test-environment ## Check style, types, which way imports run, and for weaknesses
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive app.py pnl pages
	@scripts/audit daily

format: test-environment ## Lay the Python code out, and mend what can be mended by itself
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

audit: test-environment ## Ask whether a weakness is known of any pinned package
	scripts/audit

sbom: test-environment ## Write artifacts/sbom.json and sbom-extras.json: what the product is made of, for CycloneDX
	@mkdir -p artifacts
	@set -e; for more in '' -extras; do \
		.venv/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible \
			--output-format JSON --output-file artifacts/sbom$$more.json requirements$$more.txt; \
	done

reference: test-environment ## Write the pages of docs/reference that follow from the code
	$(PYTHON_IN_VENV) -m tests.docs.reference

image: ## Build the image without Docker, look at it and run it (Linux, root, buildah)
	scripts/try-image

bench: test-environment ## Measure, with those programs of bench/ that need no archive (over an hour)
	@set -e; for file in $$(grep -l __main__ bench/*.py | grep -v -e /small_machine -e /start); do \
		module=$$(echo "$${file%.py}" | tr / .); echo "python -m $$module"; $(PYTHON_IN_VENV) -m $$module; done

bench-live: test-environment ## Measure live connections beside other servers, and keep the table (over an hour)
	$(PYTHON_IN_VENV) -m bench.live --write

pins: test-environment ## Compile requirements.in, requirements-extras.in and requirements-dev.in to their newest exact versions
	@set -e; for name in requirements requirements-extras requirements-dev; do \
		.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
			--no-emit-index-url --no-emit-find-links --custom-compile-command 'make pins' \
			--output-file $$name.txt $$name.in; done

clean: ## Remove .venv and all caches; data/ and .env stay
	rm -rf .venv .bench .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@scripts/environment runtime

test-environment:
	@scripts/environment tests
