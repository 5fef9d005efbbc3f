# Prism Operator. `make` alone lists the targets.
# Node 24 comes from npm, so that any Node can start the installation.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SHELL := /bin/bash

CLUSTER ?= auto
SAMPLE ?= samples/quickstart.yaml
NODE := node_modules/.bin/node
INSTALLED := node_modules/.package-lock.json

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-zA-Z_-]+:.*## / { printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer (https://nodejs.org)"; exit 1; }
	npm ci --loglevel=error --no-fund --no-audit
	@touch $@

.PHONY: install-deps
install-deps: $(INSTALLED) ## install what the project needs (npm ci)

.PHONY: run
run: $(INSTALLED) ## start a local cluster with the operator and a sample; SAMPLE="FILE..." others, ONCE=1 ends when it is Ready, CLUSTER=memory|local|current
	$(NODE) cli/main.ts run --cluster $(CLUSTER) --filename $(SAMPLE)

.PHONY: test
test: $(INSTALLED) check control-plane helm ## everything: checks, unit tests, laws, and integration on a real kube-apiserver
	$(NODE) node_modules/vitest/vitest.mjs run --reporter=default $(if $(VITEST_REPORT),--reporter=json --outputFile=$(VITEST_REPORT))

.PHONY: test-unit
test-unit: $(INSTALLED) ## the tests that need no kube-apiserver
	$(NODE) node_modules/vitest/vitest.mjs run --exclude 'test/integration/**' --exclude 'test/local/api-server*' --exclude 'test/charts/**'

.PHONY: check
check: $(INSTALLED) ## types, lint and import boundaries, format, dead code, generated files
	npm run --silent check:types
	npm run --silent check:lint
	npm run --silent check:format
	npm run --silent check:dead
	npm run --silent check:generated
	npm run --silent check:protos

.PHONY: fix
fix: $(INSTALLED) ## format, and mend what the linters can mend
	npm run --silent fix

.PHONY: generate
generate: $(INSTALLED) ## write crds/, compositecontrollers/, docs/reference/ and the chart's copies anew
	npm run --silent generate

.PHONY: golden
golden: $(INSTALLED) ## rewrite the golden files from what the hooks answer now
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/golden.test.ts test/charts/chart.test.ts test/charts/kustomize.test.ts

.PHONY: control-plane
control-plane: $(INSTALLED) ## build kube-apiserver, etcd and kubectl into the cache, unless they are there (10 minutes, once)
	$(NODE) cli/main.ts control-plane

.PHONY: helm
helm: $(INSTALLED) ## build the helm that the chart's tests use into the cache, unless it is there (3 minutes, once)
	@$(NODE) local/helm/binary.ts

.PHONY: render
render: $(INSTALLED) ## print what the quick start's stack becomes, without a cluster
	$(NODE) cli/main.ts render --tree -f samples/quickstart.yaml

.PHONY: bench
bench: $(INSTALLED) control-plane ## measure, and write docs/performance.md (15 minutes); PARTS=hook,cores,outside,growth,line,memory for some of it
	PARTS=$(PARTS) $(NODE) --expose-gc test/bench/main.ts

.PHONY: clean
clean: ## remove what was installed and built here (the cached control plane stays)
	rm -rf node_modules coverage
