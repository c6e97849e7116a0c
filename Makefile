# City Hub. `make demo` from an empty machine to the district's graph; `make test` for everything.
.POSIX:
.PHONY: help setup demo federated test check soak bench format clean clean-demo clean-all

BIN = .venv/bin

help:
	@echo 'make demo        set everything up, start the engines, load the sample district, serve it'
	@echo 'make federated   the same as subgraphs in processes of their own, behind the gateway'
	@echo 'make test        checks and all tests, on engines of their own'
	@echo 'make check       ruff, mypy --strict and the import layers'
	@echo 'make soak        the load and failure tests at full size; writes build/soak/*.json'
	@echo 'make bench       the benchmarks; writes build/bench/*.json'
	@echo 'make setup       virtual environment, engines and pages, without starting anything'
	@echo 'make format      format the code'
	@echo 'make clean       remove caches and build results'
	@echo 'make clean-demo  stop the demo and forget its data'
	@echo 'make clean-all   also remove the virtual environment, the engines and npm packages'

setup:
	@bin/setup

demo: setup
	@exec $(BIN)/hub demo

federated: setup
	@exec $(BIN)/hub federated

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest $(PYTEST)

soak: setup
	@mkdir -p build/soak
	HUB_TEST_SCALE=full $(BIN)/pytest -m soak -rP $(PYTEST)

bench: setup
	@mkdir -p build/bench
	$(BIN)/python -m tests.benchmarks

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build tests/clients/*/build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

clean-demo:
	@[ ! -x $(BIN)/hub ] || $(BIN)/hub down
	@if [ -L data/demo/postgres ]; then rm -rf "$$(readlink data/demo/postgres)"; fi
	rm -rf data/demo

clean-all: clean-demo clean
	rm -rf .venv .engines city_hub.egg-info hub/graphiql/node_modules hub/gateway/node_modules \
		tests/clients/node_modules \
		tests/clients/typescript/node_modules tests/clients/*/.venv \
		tests/acceptance/partner/node_modules
