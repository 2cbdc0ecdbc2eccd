# Every target sets up .venv for itself (tools/setup). ARGS goes to the command: make test ARGS="tests/core -x --pdb"

.NOTPARALLEL:
.PHONY: help demo test check fix docs bench node

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

demo:  ## the whole job on this machine, against a stand-in server
	@tools/setup run
	@.venv/bin/signedin demo $(ARGS)

test:  ## all tests that this machine can run, on all its cores; the last line says what would run the rest
	@tools/setup test
	@.venv/bin/python -m pytest -n logical --dist loadfile $(ARGS)

check:  ## ruff, mypy, pyright, import-linter, generated files
	@tools/setup dev
	@echo '— ruff'
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@echo '— mypy --strict'
	@.venv/bin/mypy
	@echo '— pyright, strict'
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 .venv/bin/pyright
	@echo '— import-linter'
	@.venv/bin/lint-imports --no-logo
	@echo '— generated files'
	@.venv/bin/python tools/docs.py --check
	@.venv/bin/python tools/screenshots.py --check

fix:  ## what ruff can mend, and the format
	@tools/setup dev
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

docs:  ## the generated files, and the pictures of the page (with chromium), again
	@tools/setup dev
	@.venv/bin/python tools/docs.py
	@.venv/bin/python tools/screenshots.py

bench:  ## the measured promises, into benchmarks/RESULTS.md; fails where one is broken or a ratio got worse
	@tools/setup dev
	@.venv/bin/python benchmarks $(ARGS)

node:  ## the Node packages that some tests need (axe-core, Mermaid's parser, a certified OpenID provider)
	@tools/setup dev
	@NODE_USE_SYSTEM_CA=1 .venv/bin/python tools/npm.py install --prefix tests/node \
		--no-audit --no-fund --no-package-lock --no-update-notifier
