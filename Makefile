# What can be done here. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

AGENT ?= logistics
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

# The newest Python that really runs (version managers leave commands behind that do not).
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { command -v $$python; break; }; done)

.PHONY: help run talk phone demo-campaign test fuzz cover check bench bench-understanding bench-engine bench-storage bench-clips \
	bench-campaigns bench-console bench-analytics bench-vendors bench-live bench-relay faults pictures clean

help: ## list what can be done
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /\t/' | expand -t 22

run: $(VENV)/run-ready ## install what is needed and start on PORT (8000); no keys needed
	@echo; echo "Callwright starts on http://127.0.0.1:$${PORT:-8000} (Ctrl-C ends it)."
	@echo "In a second terminal: $${PORT:+PORT=$$PORT }$(BIN)/flask call logistics"; echo
	@exec $(BIN)/gunicorn

talk: $(VENV)/run-ready ## type to an agent, no server: make talk AGENT=pizza
	@exec $(BIN)/flask talk $(AGENT)

phone: $(VENV)/run-ready ## ring the running server from this terminal: make phone AGENT=pizza
	@exec $(BIN)/flask call $(AGENT)

demo-campaign: $(VENV)/run-ready ## ring 200 leads in fast time: no keys, nobody real, nothing kept
	@exec $(BIN)/flask demo-campaign $(ARGS)

# Half of what tests do is wait: for servers that start, for calls that take their time.
PROCESSES ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) * 3 / 2)))
test: $(VENV)/test-ready ## every test: make test ARGS="-k drain"
	$(BIN)/python -m pytest -n $(PROCESSES) $(ARGS)

FUZZ ?= 300
fuzz: $(VENV)/test-ready ## requests made from the interface's description, many and new: … FUZZ=1000
	FUZZ_EXAMPLES=$(FUZZ) FUZZ_SEED=$$RANDOM $(BIN)/python -m pytest -q tests/transports/test_fuzzed.py $(ARGS)

cover: $(VENV)/test-ready ## every branch of conversation/ and agents/schema.py is tested
	$(BIN)/python -m pytest -n auto -q tests/conversation tests/agents tests/providers/llm \
		--cov=conversation --cov=agents.schema --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered $(ARGS)

check: $(VENV)/test-ready ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

bench: $(VENV)/test-ready ## all figures of the real server, five minutes: … ARGS=--profile
	$(BIN)/python -m benchmarks.everything $(ARGS)

bench-understanding: $(VENV)/test-ready ## what the rules brain reads right: … DATA=FILE
	$(BIN)/python -m benchmarks.understanding $(DATA) $(ARGS)

bench-engine: $(VENV)/test-ready ## CPU time of a whole call in the engine
	$(BIN)/python -m benchmarks.engine $(ARGS)

bench-storage: $(VENV)/test-ready ## what the store adds to a turn
	$(BIN)/python -m benchmarks.storage $(ARGS)

bench-clips: $(VENV)/test-ready ## clips a second, beside a handler that only sends one file
	$(BIN)/python -m benchmarks.clips $(ARGS)

bench-console: $(VENV)/test-ready ## pages with a million calls, first paint, live news: … ARGS="--calls 10000"
	$(BIN)/python -m benchmarks.console $(ARGS)

bench-analytics: $(VENV)/test-ready ## questions about a million calls, cold and warm: … ARGS=100000
	$(BIN)/python -m benchmarks.analytics $(ARGS)

bench-campaigns: $(VENV)/test-ready ## claims among a million leads, import, dialing while workers die: … ARGS="--only claims"
	$(BIN)/python -m benchmarks.campaigns $(ARGS)

bench-vendors: $(VENV)/test-ready ## turns with a model, a voice and MongoDB: … ARGS="--only crowd"
	$(BIN)/python -m benchmarks.vendors $(ARGS)

bench-live: $(VENV)/test-ready $(VENV)/peer/ready ## live calls: how quick, how many on a core, beside pipecat: … ARGS="--only one"
	$(BIN)/python -m benchmarks.live --peer $(VENV)/peer/bin/python $(ARGS)

bench-relay: $(VENV)/test-ready ## calls that the carrier hears and speaks: how many on a core: … ARGS="--callers 100"
	$(BIN)/python -m benchmarks.relay $(ARGS)

pictures: $(VENV)/test-ready ## take the pictures of the docs anew
	$(BIN)/python -m tests.browser.pictures

faults: $(VENV)/test-ready ## what callers meet when anything breaks: … ARGS="--only database"
	$(BIN)/python -m benchmarks.faults $(ARGS)

clean: ## remove the virtual environment and caches; calls in data/ stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is older than its requirements when they have changed, which installs them again.
$(VENV)/run-ready: $(VENV)/made requirements.txt
	@echo "Installing what is needed into $(VENV): a minute or two, this once."
	@# Modules are compiled when they are first used: most of the vendors' never are.
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test-ready: $(VENV)/made requirements.txt requirements-dev.txt
	@.ci/need-libcurl
	@.ci/need-packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run-ready

# What live calls are measured beside; half a gigabyte, which nothing else needs.
$(VENV)/peer/ready: benchmarks/peer-requirements.txt $(VENV)/made
	@.ci/make-venv "$(PYTHON)" $(VENV)/peer
	$(VENV)/peer/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(VENV)/made:
	@.ci/make-venv "$(PYTHON)" $(VENV)
	@touch $@
