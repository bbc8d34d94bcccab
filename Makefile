# Snakeval: `make demo` evaluates two tiny models on this machine; `make test` runs all tests. Both set up
# .venv, for the workflow, and .venv/engine, for vLLM.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
TARGETS := help demo status watch profile test test-quick golden lint format lock install clean
.PHONY: $(TARGETS)
# Compiled bytecode is what makes the second start of vLLM twice as fast as the first.
unexport PYTHONDONTWRITEBYTECODE

SET_UP = @command -v python3 >/dev/null || { echo 'Snakeval needs Python: apt-get install python3 python3-venv' >&2; exit 1; }; \
	python3 -m requirements.setup_env $(if $(PYTHON),--python '$(PYTHON)')

# The slow tests first: they mostly wait, for engines and for Slurm, and the others fill the time. Tests of one
# file share what is dear to set up, such as a finished run. (xdist's loadgroup groups nothing with pytest 9.2.)
ORDER := slurm e2e rules golden unit
FOLDERS := $(filter-out __pycache__,$(patsubst tests/%/,%,$(wildcard tests/*/)))
TESTS = $(addprefix tests/,$(filter $(FOLDERS),$(ORDER)) $(filter-out $(ORDER),$(FOLDERS)))
SIDE_BY_SIDE := -n $(or $(WORKERS),3) --dist loadfile --no-loadscope-reorder

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

demo:  ## set up .venv and .venv/engine and evaluate the two demonstration models on the CPU
	$(SET_UP) workflow engine
	$(BIN)/snakemake $(ARGS)

status:  ## how far everything is, at any time; ARGS=--watch shows it anew, ARGS=--json is for programs
	$(SET_UP) workflow
	@$(BIN)/python -m snakeval.status $(ARGS)

watch:  ## run, and again when a checkpoint appears; INTERVAL=60 seconds, PROFILE=profiles/slurm, ARGS for Snakemake
	$(SET_UP) workflow
	$(BIN)/python -m snakeval.watch --interval $(or $(INTERVAL),60) $(if $(PROFILE),--profile $(PROFILE)) $(ARGS)

profile:  ## on a Slurm cluster: write profiles/mine from what Slurm says of it; FOLDER=profiles/other
	$(SET_UP) workflow
	$(BIN)/python -m snakeval.new_profile $(FOLDER)

test:  ## set up both and run all tests, linters included; ARGS='-k journal' or PATHS=tests/unit chooses some
	$(SET_UP) test engine
	$(BIN)/pytest $(strip $(if $(PATHS)$(ARGS),,$(SIDE_BY_SIDE)) $(or $(PATHS),$(TESTS)) $(ARGS))

test-quick:  ## the linters and the tests that need no engine, no Slurm and no published data
	$(SET_UP) test
	$(BIN)/pytest $(SIDE_BY_SIDE) -m 'not e2e and not slurm and not golden' tests/rules tests/unit $(ARGS)

golden:  ## recompute published figures from the data in SNAKEVAL_DATA and print them beside ours
	$(SET_UP) test
	$(BIN)/python -m golden $(ARGS)

lint:  ## run the linters alone, changing nothing
	$(SET_UP) test
	$(BIN)/pytest tests/rules/test_lint.py $(ARGS)

format:  ## let ruff and snakefmt rewrite what they would complain about
	$(SET_UP) test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/Snakefile rules

lock:  ## make requirements/*.lock from pyproject.toml; ARGS=--upgrade takes newer versions
	$(SET_UP) lock $(ARGS)

install:  ## set up .venv with the workflow alone, without vLLM; any Python from 3.11 on
	$(SET_UP) workflow

clean:  ## remove .venv, the engine's with it, and the tools' caches; results/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache workflow/*.egg-info
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
