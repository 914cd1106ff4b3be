# From a fresh clone, with only Python >= 3.11 and make:
#   make demo        one life of Helium IoT in Göteborg; ends with the path of the report
#   make test        the tests (7 to 12 minutes on two cores)
#   make test-long   all tests, the slow ones too (three quarters of an hour on two cores)
#   make lint        ruff and mypy
#   make bench       benchmarks
#   make lock        write the lock files again; UPGRADE=1 takes the newest versions
# Another interpreter: make PYTHON=/path/to/python3.12 demo. Another environment: make VENV=/path/to/venv demo.

VENV ?= .venv
DEMO ?= helium-iot-goteborg
WORKERS ?= 2
# Windows puts programs elsewhere.
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
# numpy brings its own threads; one thread a process keeps results the same on any number of cores.
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export MKL_NUM_THREADS = 1

.PHONY: demo test test-long lint bench lock clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.runtime
	@$(BIN)/twin run $(DEMO) --overwrite

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" $(TESTS)

test-long: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# An environment that is already there is used if its Python is new enough, else nothing is touched.
$(BIN)/python:
	@python="$(PYTHON)"; \
	for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do \
		[ -n "$$python" ] && break; \
		if "$$candidate" -c "$(NEW_ENOUGH)" >/dev/null 2>&1; then python="$$candidate"; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "depin-twin needs Python 3.11 or newer with venv and pip; python3 here is: $$(python3 --version 2>&1 || echo missing)." >&2; \
		echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c "$(NEW_ENOUGH)" >/dev/null 2>&1; then \
		echo "$$python is no Python 3.11 or newer with venv and pip: $$("$$python" --version 2>&1)" >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv "$(VENV)"

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else '$(VENV) has Python %d.%d; remove it, or use another: make VENV=.venv311' % sys.version_info[:2])"
	@echo "Installing what requirements.lock pins (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

# uv resolves for all platforms at once, which pip cannot; nothing else here needs it. It keeps the versions that stand, unless UPGRADE is set.
COMPILE = .cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) pyproject.toml

lock: | $(BIN)/python
	@test -x .cache/lock/bin/uv || ($(BIN)/python -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
