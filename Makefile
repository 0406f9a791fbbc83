# Two commands do the work: `make book` and `make test`. Each sets up .venv when it has to.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m

INSTALLED := $(VENV)/.installed
OTHERS := .venv-frameworks
OTHERS_INSTALLED := $(OTHERS)/.installed
OLDER := $(OTHERS)/older
OLDER_INSTALLED := $(OLDER)/.installed
OLDER_ROWS := _build/frameworks-older.json
LITE := .venv-lite
LITE_INSTALLED := $(LITE)/.installed
BUILT := _build/.built
PAGE := _build/html/index.html
AXE := _build/axe/node_modules/axe-core/axe.min.js
AXE_VERSION := 4.14.1
ESLINT := _build/eslint/node_modules/.bin/eslint
ESLINT_VERSION := 9.39.5
GLOBALS_VERSION := 17.14.0

# Everything that a page is made of.
SOURCES := _config.yml _toc.yml $(shell find book initcourse \
	\( -name '.*' -o -name __pycache__ \) -prune -o -type f -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book draft test test-site pdf lite lab serve lint lint-js check notebooks words seeds mutants \
	coverage frameworks frameworks-update bench bench-lab bench-pages timings card links lock clean

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

book: $(INSTALLED)  ## Execute every notebook afresh and build the book
	$(RUN) tools.execute --fresh
	$(build)
	@echo "The book is at file://$(CURDIR)/$(PAGE)"

draft: $(INSTALLED)  ## Build the book, executing only the notebooks whose code has changed
	$(RUN) tools.execute
	$(build)
	@echo "The book is at file://$(CURDIR)/$(PAGE)"

test: $(INSTALLED) $(BUILT)  ## Run every test but those in a browser; builds the book if it is stale
	$(RUN) pytest -n 2 --dist loadfile

test-site: $(INSTALLED) $(BUILT) $(AXE)  ## Look at the built pages in a real browser
	$(RUN) pytest -c tests/site/pytest.ini tests/site

pdf: $(INSTALLED) $(BUILT)  ## Print the whole book to _build/initcourse.pdf
	$(RUN) tools.pdf

lite: $(INSTALLED) $(LITE_INSTALLED)  ## Build _build/lite: the notebooks with kernels in the reader's browser
	rm -rf _build/lite _build/lite-contents _build/lite-wheels
	$(RUN) build --wheel --outdir _build/lite-wheels . > /dev/null
	$(LITE)/bin/pip download --quiet --no-deps --dest _build/lite-wheels \
		comm==$$($(LITE)/bin/python -c 'from importlib.metadata import version; print(version("comm"))')
	$(RUN) tools.lite _build/lite-contents
	cd _build/lite-contents && $(CURDIR)/$(LITE)/bin/jupyter lite build --contents . \
		--piplite-wheels ../lite-wheels --output-dir ../lite > ../lite.log 2>&1 || { cat ../lite.log; exit 1; }
	$(RUN) pytest -c tests/site/pytest.ini tests/site/test_lite.py

lab: $(VENV)/.lab  ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab book

serve: $(INSTALLED) $(BUILT)  ## Serve the built book at http://127.0.0.1:8000
	$(RUN) http.server --bind 127.0.0.1 --directory _build/html 8000

lint: $(INSTALLED)  ## Check style, types, the notebooks' committed form and the lock files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(RUN) tools.notebooks --check book
	$(RUN) tools.locks --check

lint-js: $(ESLINT)  ## Check the scripts of the pages; needs npm
	$(ESLINT) --config tools/eslint.config.mjs book/_static

notebooks: $(INSTALLED)  ## Execute the notebooks and write them in their committed form
	$(RUN) tools.notebooks --execute book

words: $(INSTALLED)  ## List the quantities in words that no claim states, and the sentences to hunt in
	$(RUN) tools.words

seeds: $(INSTALLED)  ## Execute the chapters under 20 other seeds
	$(RUN) tools.seeds

mutants: $(INSTALLED)  ## Break the package, one fault at a time, and show what notices
	$(RUN) tools.mutants

coverage: $(INSTALLED)  ## Measure the branch coverage by the tests and the notebooks together
	$(RUN) pytest --cov=initcourse --cov-config=pyproject.toml --ignore tests/book/test_built_pages.py

frameworks: $(OTHERS_INSTALLED) $(OLDER_INSTALLED)  ## Measure PyTorch, JAX, Flax and Keras, and compare with the record
	$(OLDER)/bin/python -m tools.frameworks.older $(OLDER_ROWS)
	$(OTHERS)/bin/python -m tools.frameworks $(OLDER_ROWS)

frameworks-update: $(OTHERS_INSTALLED) $(OLDER_INSTALLED)  ## Measure them and write the record anew
	$(OLDER)/bin/python -m tools.frameworks.older $(OLDER_ROWS)
	$(OTHERS)/bin/python -m tools.frameworks $(OLDER_ROWS) --update

bench: $(OTHERS_INSTALLED)  ## Time samplers and a deep network against NumPy and the frameworks
	$(OTHERS)/bin/python -m tools.benchmarks

bench-lab: $(INSTALLED) $(BUILT)  ## Time the lab's redraws in this machine's browser
	$(RUN) tools.benchmarks.lab

bench-pages: $(INSTALLED) $(BUILT)  ## Measure what each chapter shows, and how fast five pages come
	$(RUN) tools.benchmarks.pages --speed

timings: $(INSTALLED)  ## Measure `make book` and `make test` for the status page
	$(RUN) tools.timings

check:  ## Tell whether a change is sound: what CI runs
	bash .ci/run

card: $(INSTALLED)  ## Draw the card that a link to the book shows
	$(RUN) tools.card

links: $(INSTALLED)  ## Ask every link of the book whether it still leads somewhere
	$(BIN)/jupyter-book build . --builder linkcheck

lock:  ## Compile the lock files from pyproject.toml; UPGRADE=--upgrade moves every version
	$(PYTHON) -m venv _build/lock
	_build/lock/bin/pip install --quiet packaging pyyaml uv
	_build/lock/bin/python -m tools.locks $(UPGRADE)

clean:  ## Remove the environment and everything that was built
	rm -rf $(VENV) $(OTHERS) $(LITE) _build .coverage .hypothesis .pytest_cache .mypy_cache .ruff_cache

$(INSTALLED): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps -e .
	touch $@

$(VENV)/.lab: requirements/lab.txt $(INSTALLED)
	$(BIN)/pip install --quiet --require-hashes -r requirements/lab.txt
	touch $@

# Without hashes: PyTorch's builds differ from machine to machine.
$(OTHERS_INSTALLED): requirements/frameworks.txt pyproject.toml
	$(PYTHON) -m venv $(OTHERS)
	$(OTHERS)/bin/pip install --quiet -r requirements/frameworks.txt
	$(OTHERS)/bin/pip install --quiet --no-deps -e .
	touch $@

$(OLDER_INSTALLED): requirements/frameworks-older.txt pyproject.toml $(OTHERS_INSTALLED)
	$(PYTHON) -m venv $(OLDER)
	$(OLDER)/bin/pip install --quiet --require-hashes -r requirements/frameworks-older.txt
	$(OLDER)/bin/pip install --quiet --no-deps -e .
	touch $@

# npm brings what the tests alone need: axe-core looks for what WCAG forbids in a page, and ESLint
# for what is wrong in a script.
$(AXE):
	$(npm) --prefix _build/axe axe-core@$(AXE_VERSION) > /dev/null
	touch $@

$(ESLINT):
	$(npm) --prefix _build/eslint eslint@$(ESLINT_VERSION) globals@$(GLOBALS_VERSION) > /dev/null
	touch $@

$(LITE_INSTALLED): requirements/lite.txt
	$(PYTHON) -m venv $(LITE)
	$(LITE)/bin/pip install --quiet --require-hashes -r requirements/lite.txt
	touch $@

$(BUILT): $(SOURCES) $(INSTALLED)
	$(RUN) tools.execute
	$(build)

# Without solutions the book is not what the tests expect, so that no stamp is left. The stamp bears the time of the start, so that an edit during the build makes it stale.
define build
rm -rf _build/html _build/.doctrees $(BUILT)
mkdir -p _build && touch _build/.started
$(BIN)/jupyter-book build . --all -W -n --keep-going
if [ "$$BOOK_SOLUTIONS" = hidden ]; then rm _build/.started; else mv _build/.started $(BUILT); fi
endef

define npm
@command -v npm > /dev/null || { echo "npm is missing: install it, with Node.js 18.18 or newer" >&2; exit 1; }
npm install --loglevel=error --no-save --no-audit --no-fund
endef
