# Conversations. `make` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOLS   := $(CURDIR)/.tools
WEB     := services/gateway/web
MODULES = $(shell go list -m -f '{{.Dir}}')
LINT    = $(TOOLS)/golangci-lint
BUF     = $(TOOLS)/npm/node_modules/.bin/buf
export PATH := $(TOOLS):$(PATH)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: run
run: web postgres bin/standalone ## Start everything in one process and print the address
	@exec bin/standalone

.PHONY: build
build: web ## Build every binary into bin/
	@mkdir -p bin
	go build -trimpath -o bin/ work

.PHONY: test
test: postgres chromium web ## Run every test, race detector on, the browser test included
	scripts/test

.PHONY: fuzz
fuzz: ## Fuzz every parser of outside bytes: make fuzz [FUZZTIME=10m] [JOBS=2]
	@FUZZTIME=$(or $(FUZZTIME),10m) JOBS=$(or $(JOBS),2) scripts/fuzz

.PHONY: vectors
vectors: ## Run the vectors of a folder through the real adapters: make vectors DIR=FOLDER
	@test -n "$(DIR)" || { echo "usage: make vectors DIR=FOLDER" >&2; exit 2; }
	@go run ./pkg/channel/cmd/vectors "$(DIR)"

.PHONY: bench
bench: postgres bin/standalone ## Measure speed and memory beside their ceilings: make bench [QUICK=1] [SHORT=1] [DURABLE=both] [ONLY=list,accept] [PPROF=FOLDER]
	go build -trimpath -o bin/bench ./services/proof/cmd/bench
	@bin/bench -standalone=bin/standalone -out=bin/bench.json -durable=$(or $(DURABLE),both) \
		$(if $(QUICK),-quick) $(if $(SHORT),-short) $(if $(ONLY),-only=$(ONLY)) $(if $(PPROF),-pprof=$(PPROF))

.PHONY: bench-adapters
bench-adapters: ## Measure how many messages a second each adapter carries, against the sandbox
	@go run ./services/standalone/cmd/bench-adapters

.PHONY: soak
soak: postgres ## Use the system evenly and watch whether it grows: make soak [MINUTES=60] [RATE=40]
	@go run ./services/proof/cmd/soak -minutes $(or $(MINUTES),60) -rate $(or $(RATE),40) -out bin/soak

.PHONY: chaos
chaos: postgres ## Harm every part under load and check the guarantees: make chaos [ROUNDS=20] [SEED=7] [ARGS=-keep]
	@go build -o bin/chaos ./services/proof/cmd/chaos
	@exec bin/chaos -rounds $(or $(ROUNDS),1) $(if $(SEED),-seed $(SEED)) $(ARGS)

.PHONY: chaos-broken
chaos-broken: postgres ## Take each of four guarantees away and fail unless the checks notice
	@go build -o bin/chaos ./services/proof/cmd/chaos
	@exec bin/chaos -broken each -duration 40s $(if $(SEED),-seed $(SEED)) $(ARGS)

.PHONY: check
check: tools web-deps ## What CI runs beside the tests: generated files, format, lint, modules alone
	scripts/check

.PHONY: fix
fix: tools web-deps ## Format everything and apply what the linters can mend
	$(LINT) fmt $(addsuffix /...,$(MODULES))
	$(LINT) run --fix $(addsuffix /...,$(MODULES))
	npm --prefix $(WEB) run --silent format

.PHONY: generate
generate: tools web-deps ## Make the generated files anew: protobuf, OpenAPI document, the web app's types
	scripts/generate

.PHONY: tidy
tidy: ## Tidy every module
	@for module in $(MODULES); do echo "tidy $$module"; (cd $$module && GOWORK=off go mod tidy); done

.PHONY: web
web: $(WEB)/dist/index.html ## Build the web app that the gateway embeds

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(shell find $(WEB)/src $(WEB)/public $(WEB)/index.html $(WEB)/vite.config.ts -type f 2>/dev/null)
	npm --prefix $(WEB) run --silent build
	@touch $@

.PHONY: web-deps
web-deps: $(WEB)/node_modules/.package-lock.json

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	npm --prefix $(WEB) ci --no-fund --no-audit --loglevel=error
	@touch $@

.PHONY: bin/standalone
bin/standalone:
	@mkdir -p bin
	go build -trimpath -o bin/standalone ./services/standalone/cmd/standalone

.PHONY: tools
tools: ## Install the pinned tools into .tools
	@scripts/install-tools

.PHONY: postgres
postgres:
	@scripts/install-postgres

.PHONY: chromium
chromium:
	@scripts/install-chromium
