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
	@awk 'BEGIN { FS = ":.*## " } /^[a-zA-Z0-9_-]+:.*## / { printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer (https://nodejs.org)"; exit 1; }
	@.ci/timed "npm ci" npm ci --loglevel=error --no-fund --no-audit
	@touch $@

.PHONY: install-deps
install-deps: $(INSTALLED) ## install what the project needs (npm ci)

.PHONY: run
run: $(INSTALLED) ## start a local cluster with the operator and a sample; SAMPLE="FILE..." others, ONCE=1 ends when it is Ready, CLUSTER=memory|local|current
	$(NODE) cli/main.ts run --cluster $(CLUSTER) --filename $(SAMPLE)

# Parts one after the other, each timed: .ci/run shows how long they took. Tests that call make are no parts.
.PHONY: test
test: $(INSTALLED) ## everything: checks, unit tests, laws, and integration on a real control plane
	@.ci/timed "checks" $(MAKE) --no-print-directory check
	@.ci/timed "control plane" $(MAKE) --no-print-directory control-plane
	@.ci/timed "helm" $(MAKE) --no-print-directory helm
	@.ci/timed "tests" env -u TIMINGS $(NODE) node_modules/vitest/vitest.mjs run --reporter=default $(if $(VITEST_REPORT),--reporter=json --outputFile=$(VITEST_REPORT))

.PHONY: test-unit
test-unit: $(INSTALLED) ## the tests that need no kube-apiserver and no Helm, so no Go
	$(NODE) node_modules/vitest/vitest.mjs run --exclude 'test/integration/**' --exclude 'test/charts/**' --exclude 'test/release/dist*' \
		--exclude 'test/devcluster/{api/api-server,controllers,controllers/garbage-collector}.test.ts'

.PHONY: simulate
simulate: $(INSTALLED) ## play SEEDS=1000 worlds with users and troubles out of a seed; SEED=17 plays one and cuts it down, BUG=name with a bug in it
	$(NODE) test/simulation/main.ts $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),200) --from $(or $(FROM),1)) $(if $(BUG),--bug $(BUG)) $(if $(KEEP),--keep)

.PHONY: crash-points
crash-points: $(INSTALLED) ## apply every sample, with a crash after each write and each call; ONE_IN=10 tries some of them
	$(NODE) test/simulation/crash-points.ts --one-in $(or $(ONE_IN),1) $(if $(SAMPLE_NAME),--sample "$(SAMPLE_NAME)")

.PHONY: hostile
hostile: $(INSTALLED) ## apply OBJECTS=300 hostile objects of all kinds to a real control plane; SEED= chooses others
	@OBJECTS=$(or $(OBJECTS),300) $(if $(SEED),SEED=$(SEED)) $(NODE) node_modules/vitest/vitest.mjs run test/integration/hostile.test.ts

.PHONY: fuzz
fuzz: $(INSTALLED) ## throw hostile bodies at the server, 10 million or an hour of them; SEED=, BODIES=, SECONDS=; CASE= repeats one
	@$(NODE) test/fuzz/main.ts $(if $(SEED),--seed $(SEED)) $(if $(BODIES),--bodies $(BODIES)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(CASE),--case $(CASE))

.PHONY: mutants
mutants: $(INSTALLED) ## mutation testing of hooks/, kube/ and schemas/; FILES="kube hooks/prismshard" a part, MUTANTS=200 SEED=1 a sample
	$(NODE) --no-warnings test/mutation/main.ts --workers $(or $(WORKERS),2) $(if $(MUTANTS),--sample $(MUTANTS)) $(if $(SEED),--seed $(SEED)) $(FILES)

.PHONY: check
check: $(INSTALLED) ## types, lint and import boundaries, format, dead code, generated files
	npm run --silent check:types
	npm run --silent check:lint
	npm run --silent check:workflows
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
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/golden.test.ts test/docs/kinds.test.ts test/docs/unit-testing-hooks.test.ts test/docs/quickstart.test.ts test/samples.test.ts test/statuses.test.ts test/charts/chart.test.ts test/charts/kustomize.test.ts
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/plugin/
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/docs/kubectl-prism.test.ts

.PHONY: pictures
pictures: $(INSTALLED) ## take the docs' pictures of the dashboard anew (needs Chromium: .ci/install-programs)
	UPDATE=1 PRISM_TEST_BACKENDS=required $(NODE) node_modules/vitest/vitest.mjs run test/dashboard/browser.test.ts

.PHONY: skew-baseline
skew-baseline: $(INSTALLED) ## remember what this version makes of everything, for the next one to be compared with; REF= its commit
	$(NODE) test/skew/record.ts $(REF)

.PHONY: control-plane
control-plane: $(INSTALLED) ## find etcd, kubectl and Kubernetes' servers, or download them (CONTROL_PLANE_MIRROR=URL: from a mirror), or build them with Go (10 minutes), once
	$(NODE) cli/main.ts control-plane

.PHONY: helm
helm: $(INSTALLED) ## build the helm that the chart's tests use into the cache, unless it is there (3 minutes, once)
	@$(NODE) hack/helm/binary.ts

.PHONY: audit
audit: ## ask the registry for known vulnerabilities of the production dependencies; no answer is a failure
	@$(NODE) hack/audit.ts

.PHONY: prepare-release
prepare-release: $(INSTALLED) ## write VERSION=x.y.z wherever a version stands, and what is unreleased in CHANGELOG.md into its section
	@$(NODE) hack/release/main.ts prepare "$(VERSION)"

.PHONY: release
release: $(INSTALLED) ## write the files of VERSION=x.y.z into dist/: chart, install.yaml, kubectl-prism, checksums, notes; EXECUTABLES=1 also programs with their own Node
	@$(NODE) hack/release/main.ts files "$(VERSION)" $(if $(EXECUTABLES),--executables)

# The workflow of a release calls these, with cosign, helm and gh logged in; a signature is by that workflow's own identity.
.PHONY: sign
sign: $(INSTALLED) ## sign the image IMAGE=name@sha256:... with cosign, without a key
	@$(NODE) hack/release/publish.ts sign "$(IMAGE)"

.PHONY: publish-chart
publish-chart: $(INSTALLED) ## push the chart of dist/ to the registry CHARTS, and sign it
	@$(NODE) hack/release/publish.ts chart "$(VERSION)" "$(CHARTS)"

.PHONY: publish-release
publish-release: $(INSTALLED) ## sign dist/SHA256SUMS, and make a GitHub release of what is in dist/
	@$(NODE) hack/release/publish.ts release "$(VERSION)"

.PHONY: render
render: $(INSTALLED) ## print what the quick start's stack becomes, without a cluster
	$(NODE) cli/main.ts render --tree -f samples/quickstart.yaml

PREFIX ?= $(HOME)/.local/bin

.PHONY: kubectl-prism
kubectl-prism: $(INSTALLED) ## link kubectl-prism and its completion into PREFIX, for `kubectl prism`
	mkdir -p $(PREFIX)
	ln -sf $(CURDIR)/bin/kubectl-prism $(CURDIR)/bin/kubectl_complete-prism $(PREFIX)/
	@case ":$$PATH:" in *:$(PREFIX):*) ;; *) echo "$(PREFIX) is not on the PATH: kubectl finds the plugin only there" ;; esac

.PHONY: bench
bench: $(INSTALLED) control-plane ## measure, and write docs/performance.md (15 minutes); PARTS=hook,cores,beside,outside,growth,claims,line,memory for some of it, PARTS=peers for other operators
	PARTS=$(PARTS) PEER=$(PEER) KRO=$(KRO) $(NODE) --expose-gc test/bench/main.ts

.PHONY: kro
kro: $(INSTALLED) ## build kro for `make bench PARTS=peers` into the cache, unless it is there; prints its path
	@$(NODE) hack/kro/binary.ts

.PHONY: clean
clean: ## remove what was installed and built here (the cached control plane stays)
	rm -rf node_modules coverage

include devcluster/cluster.mk
