# Everything a newcomer or CI needs. `make demo` and `make test` do all their set-up themselves.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
SAMPLES_PORT ?= 8001
REGISTRY_PORT ?= 8002
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2 -m 'not slow'

.PHONY: help demo test lint types imports messages format lock clean

help:
	@echo "make demo     install, harvest the sample sources, serve on http://localhost:$(PORT)"
	@echo "make test     install, run the tests; all of them, with the slow ones: make test PYTEST_ARGS=-n2"
	@echo "make lint types imports   the checks that .ci/run makes beside the tests"
	@echo "make lock     pin all dependencies anew"

# One stamp for each kind of install; both are made anew when a lock changes.
$(VENV)/.product: requirements.lock
	@echo "[install] product"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.product
	@echo "[install] development tools"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

messages: $(VENV)/.product
	@$(BIN)/pybabel --quiet compile --directory locale --domain django

demo: messages
	MIMIS_HARVEST_ALLOWED_HOSTS=127.0.0.1 MIMIS_HARVEST_POLITENESS_S=0 MIMIS_BASE_URL=http://localhost:$(PORT) \
	MIMIS_DOI_REGISTRY_URL=http://127.0.0.1:$(REGISTRY_PORT) MIMIS_DOI_HANDLE_URL=http://127.0.0.1:$(REGISTRY_PORT) \
	MIMIS_ACCESS_STRONG_SIGN_IN=no \
	MIMIS_DOI_ACCOUNTS=sandbox=SANDBOX:only-for-the-demo \
		$(BIN)/python manage.py demo --port $(PORT) --samples-port $(SAMPLES_PORT)

test: $(VENV)/.dev messages
	$(BIN)/pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The CPU build of torch carries a local version (+cpu) that a registry does not know.
lock: $(VENV)/.dev
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate --no-emit-find-links \
		--no-emit-index-url --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate --no-emit-find-links \
		--no-emit-index-url --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	sed -i 's/+cpu$$//' requirements.lock requirements-dev.lock

clean:
	rm -rf var .mypy_cache .ruff_cache .pytest_cache
