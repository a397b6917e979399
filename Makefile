# Every command sets up .venv/ first when it is missing or requirements.lock or a pyproject.toml changed.
.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

SCENARIO ?= deal_2026
BASE ?= HEAD
# Tests run in this many processes, as many as two processors: what a third does while others wait, it takes to start.
JOBS ?= 2
# The quick tests wait for nothing. AREA is a folder below tests/, such as canola or canola/market.
FAST_JOBS ?= 2
AREA ?=
# Not that of the surroundings, which may be any browser.
BROWSER := chromium
BIN := .venv/bin

# Numbers must not depend on the machine: one thread (BLAS threads change the last digits), the same hash
# seed and time zone, the environment's own kernel and no personal IPython profile.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONHASHSEED := 0
export TZ := UTC
export JUPYTER_PREFER_ENV_PATH := 1
export IPYTHONDIR := $(CURDIR)/.venv/ipython
unexport JUPYTER_PATH PYTHONHOME PYTHONPATH VIRTUAL_ENV
# Kernels and commands are many short processes: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## This list
	@echo "make COMMAND, where COMMAND is"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 16

report: set-up ## Publish one edition into reports/published/ and reports/index.html (SCENARIO=deal_2026)
	$(BIN)/tradeexposure run $(SCENARIO)

brief: set-up ## Print the brief of a published edition on two letter pages, beside it (needs Chromium; SCENARIO=deal_2026)
	$(BIN)/tradeexposure brief $(SCENARIO) --pdf

headlines: set-up ## Take pictures of the first screens of all pages into reports/headlines/ (needs Chromium; SCENARIO=deal_2026)
	$(BIN)/tradeexposure headlines $(SCENARIO)

verify: set-up ## Recompute what is published beside it and compare number by number; nothing is written
	$(BIN)/tradeexposure verify $(SCENARIO)

replicate: set-up ## Recompute a published edition from nothing, compare every number, write reports/_build/replication/replication.html
	$(BIN)/tradeexposure verify $(SCENARIO) --report

same: set-up ## Compute everything anew and hold it against a commit: what moved? (BASE=HEAD, COLD=1: cold kernels)
	$(BIN)/python tools/compare_with_commit.py --base $(BASE) $(if $(COLD),--cold)

test: set-up $(if $(CI),validators) ## Run all tests, the committed notebooks included (CI=true: nothing is skipped, validators are installed)
	$(BIN)/python -m pytest -m "not slow" -n $(JOBS)

test-fast: set-up ## Run rules and units, without long ones, kernels and browsers (AREA=canola: tests/canola alone)
	$(BIN)/python -m pytest -m "not slow and not long" --ignore tests/system -n $(FAST_JOBS) -q tests$(AREA:%=/%)

test-slow: set-up ## Run the tests with many replications (coverage, size), kernels or runs
	$(BIN)/python -m pytest -m slow -rP tests lib/warmkernel/tests

test-pages: set-up ## Run the tests of pages in the browser that is named (BROWSER=chromium)
	$(BIN)/python -m pytest -m "not slow" -n $(JOBS) --browser $(BROWSER) tests/system/pages tests/system/test_reports.py

test-kernels: set-up ## Start 200 warm kernels, six at a time
	$(BIN)/python -m pytest -m slow -k six_at_a_time lib/warmkernel/tests

test-pythons: ## Fast tests, kernels and one edition on Python 3.11, 3.12 and 3.13, those found here
	@PYTHONS="$(PYTHONS)" tools/test-pythons.sh $(or $(PARTS),fast kernels edition)

coverage: set-up ## Measure lines and branches that the quick tests reach, by package, into CONTRIBUTING.md
	$(BIN)/python tools/coverage_by_package.py

site: set-up ## Lay out reports/ in reports/_build/site for a static host (SITE_URL=https://example.org/trade)
	$(BIN)/python tools/site.py "$(SITE_URL)"

release: set-up ## Build wheel, source archive and a zip that is ready to deposit into reports/_build/release/ (SCENARIO=deal_2026)
	$(BIN)/python tools/release.py $(SCENARIO)

bench: set-up ## Time the quick tests, runs, the estimator and the scenario models beside other ways (under 10 minutes)
	@$(BIN)/python benchmarks/fast_tests.py ""
	@$(BIN)/python benchmarks/stages.py
	@$(BIN)/python benchmarks/overhead.py --quick --repeat 3
	@$(BIN)/python benchmarks/ppml.py
	@$(BIN)/python benchmarks/canola_model.py
	@$(BIN)/python benchmarks/ev_model.py
	@$(BIN)/python benchmarks/scenarios.py

lab: set-up ## Open JupyterLab on the notebooks; edits of lib/ apply, or the notebook says that a restart is needed
	mkdir -p .venv/lab/profile_default
	cp tools/lab/ipython_kernel_config.py tools/lab/restart_needed.py .venv/lab/profile_default/
	IPYTHONDIR="$(CURDIR)/.venv/lab" $(BIN)/jupyter lab --config=tools/lab/jupyter_lab_config.py $(LAB_OPTIONS)

outputs: set-up ## Re-execute the committed notebooks; rewrite their outputs and what quotes them: README, docs, pictures, codebook
	$(BIN)/tradeexposure outputs

refresh: set-up ## Set the next vintage of the official figures aside (needs the network) and say what changed
	$(BIN)/tradeexposure refresh

monthly: set-up ## Make the next vintage aside and one page of all it would change; nothing is put in force (SCENARIO=deal_2026)
	$(BIN)/tradeexposure refresh --review $(SCENARIO)

check: set-up ## Say what is wrong with data, scenarios, notebooks and reports, and what to do
	$(BIN)/tradeexposure check

messages: set-up ## Bring the French messages up to date with the words in the sources, and say what is left to translate
	$(BIN)/python -m tradeexposure.publishing.languages

lint: set-up ## Check style, types, the direction of imports and the French messages (ruff, mypy, import-linter)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/python -m tradeexposure.publishing.languages check

lock: ## Resolve requirements.lock anew from pyproject.toml (needs uv and the network)
	@uv --version >/dev/null 2>&1 || { echo "make lock needs uv on PATH" >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --generate-hashes --upgrade \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links tools/validators.in -o tools/validators.lock

validators: set-up ## Install what validates research objects, Croissant and workflow files, apart from the project (needs the network once)
	@sh tools/set-up.sh validators

clean: ## Remove the environment, caches and unpublished builds
	rm -rf .venv .venv.before reports/_build .pytest_cache .mypy_cache .ruff_cache lib/*.egg-info lib/*/src/*.egg-info lib/*/build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

set-up:
	@sh tools/set-up.sh
