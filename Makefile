PYTHON = .venv/bin/python
STUDY = iterations

.PHONY: help venv test test-fast coverage lint types docs bench clean

help:  ## Print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s  %s\n", $$1, $$2 }' Makefile

venv:  ## Make .venv, for the tests, the checks and the site
	python3 -m venv .venv
	$(PYTHON) -m pip install -e ".[test,docs]"

test:  ## Run all tests
	$(PYTHON) -m pytest

test-fast:  ## Run the tests that take a few seconds at most
	$(PYTHON) -m pytest -m "not slow"

coverage:  ## Run all tests and print the lines that none of them reaches
	$(PYTHON) -m pytest --cov=lowrank_sense --cov-report=term

lint:  ## Check style and format
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check

types:  ## Check types, those of the package and those that a user sees
	$(PYTHON) -m mypy
	$(PYTHON) -m mypy --strict --follow-imports=silent tests/typed_script.py

docs:  ## Build the site, docs/_build/html/index.html, and run its code
	$(PYTHON) -m sphinx -W --keep-going -b html docs docs/_build/html
	$(PYTHON) -m pytest docs/test_code.py

bench:  ## Run one study, as in `make bench STUDY=noise`
	$(PYTHON) benchmarks/$(STUDY).py

clean:  ## Remove all that was built, compiled or cached, except .venv
	rm -rf build dist *.egg-info docs/_build docs/api docs/gallery
	rm -rf .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find benchmarks docs examples lowrank_sense tests -name __pycache__ -exec rm -rf {} +
