# Prism Operator. `make` alone lists the targets.
# npm installs Node 24, so that any Node can run the installation.
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
install-deps: $(INSTALLED) ## install the project's dependencies (npm ci)

.PHONY: run
run: $(INSTALLED) ## start a local cluster with the operator and a sample; SAMPLE="FILE..." for other samples, ONCE=1 to stop when it is Ready, CLUSTER=memory|local|current
	$(NODE) cli/main.ts run --cluster $(CLUSTER) --filename $(SAMPLE)

# The parts run in sequence. .ci/run prints the duration of each. `env -u TIMINGS`: tests that call make must not add parts.
.PHONY: test
test: $(INSTALLED) ## all checks and tests: unit tests, property tests, integration tests on a real control plane
	@.ci/timed "checks" $(MAKE) --no-print-directory check
	@.ci/timed "control plane" $(MAKE) --no-print-directory control-plane
	@.ci/timed "helm" $(MAKE) --no-print-directory helm
	@.ci/timed "oldest API server" $(MAKE) --no-print-directory oldest-kubernetes
	@.ci/timed "tests" env -u TIMINGS $(NODE) node_modules/vitest/vitest.mjs run --reporter=default $(if $(VITEST_REPORT),--reporter=json --outputFile=$(VITEST_REPORT))

.PHONY: test-unit
test-unit: $(INSTALLED) ## the tests that need no kube-apiserver, no Helm and no Go
	$(NODE) node_modules/vitest/vitest.mjs run --exclude 'test/integration/**' --exclude 'test/charts/**' --exclude 'test/hack/release/dist*' \
		--exclude 'test/devcluster/{api/api-server,controllers,controllers/garbage-collector}.test.ts'

.PHONY: simulate
simulate: $(INSTALLED) ## run SEEDS=1000 random simulations with users and failures; SEED=17 runs one seed and shrinks it, BUG=name adds a known bug
	$(NODE) test/simulation/main.ts $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),200) --from $(or $(FROM),1)) $(if $(BUG),--bug $(BUG)) $(if $(KEEP),--keep)

.PHONY: crash-points
crash-points: $(INSTALLED) ## apply every sample, with a crash after each write and each call; ONE_IN=10 tries a tenth of the crashes
	$(NODE) test/simulation/crash-points.ts --one-in $(or $(ONE_IN),1) $(if $(SAMPLE_NAME),--sample "$(SAMPLE_NAME)")

.PHONY: hostile
hostile: $(INSTALLED) ## apply OBJECTS=300 hostile objects of all CRDs to a real control plane; SEED= selects others
	@OBJECTS=$(or $(OBJECTS),300) $(if $(SEED),SEED=$(SEED)) $(NODE) node_modules/vitest/vitest.mjs run test/integration/hostile.test.ts

.PHONY: fuzz
fuzz: $(INSTALLED) ## send hostile requests to the webhook server, 10 million or for an hour; SEED=, BODIES=, SECONDS=; CASE= repeats one
	@$(NODE) test/fuzz/main.ts $(if $(SEED),--seed $(SEED)) $(if $(BODIES),--bodies $(BODIES)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(CASE),--case $(CASE))

.PHONY: mutants
mutants: $(INSTALLED) ## run mutation tests of hooks/, kube/ and schemas/; FILES="kube hooks/prismshard" selects files, MUTANTS=200 SEED=1 a sample
	$(NODE) --no-warnings test/mutation/main.ts --workers $(or $(WORKERS),2) $(if $(MUTANTS),--sample $(MUTANTS)) $(if $(SEED),--seed $(SEED)) $(FILES)

.PHONY: check
check: $(INSTALLED) ## check types, lint, import boundaries, format, dead code and generated files
	npm run --silent check:types
	npm run --silent check:lint
	npm run --silent check:workflows
	npm run --silent check:format
	npm run --silent check:dead
	npm run --silent check:generated
	npm run --silent check:protos

.PHONY: fix
fix: $(INSTALLED) ## format the code, and apply the fixes of the linters
	npm run --silent fix

.PHONY: generate
generate: $(INSTALLED) ## regenerate crds/, compositecontrollers/, docs/reference/ and the copies in the chart
	npm run --silent generate

.PHONY: golden
golden: $(INSTALLED) ## rewrite the golden files from the current responses of the hooks
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/golden.test.ts test/docs/kinds.test.ts test/docs/unit-testing-hooks.test.ts test/docs/quickstart.test.ts test/samples.test.ts test/statuses.test.ts test/charts/chart.test.ts test/charts/kustomize.test.ts
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/plugin/
	UPDATE=1 $(NODE) node_modules/vitest/vitest.mjs run test/docs/kubectl-prism.test.ts

.PHONY: pictures
pictures: $(INSTALLED) ## retake the dashboard's screenshots for the docs (needs Chromium: .ci/install-programs)
	UPDATE=1 PRISM_TEST_BACKENDS=required $(NODE) node_modules/vitest/vitest.mjs run test/dashboard/browser.test.ts

.PHONY: skew-baseline
skew-baseline: $(INSTALLED) ## record the output of this version, to compare the next version with it; REF= the commit
	$(NODE) test/skew/record.ts $(REF)

.PHONY: control-plane
control-plane: $(INSTALLED) ## find etcd, kubectl and the Kubernetes servers, or download them (CONTROL_PLANE_MIRROR=URL: from a mirror), or build them with Go (10 min, once)
	$(NODE) cli/main.ts control-plane

.PHONY: helm
helm: $(INSTALLED) ## build Helm for the tests of the chart, unless it is in the cache (3 min, once)
	@$(NODE) hack/helm/binary.ts

.PHONY: oldest-kubernetes
oldest-kubernetes: $(INSTALLED) ## build the API server of the oldest supported Kubernetes, unless it is in the cache
	@$(NODE) hack/oldest-kubernetes/binary.ts

.PHONY: audit
audit: ## report known vulnerabilities of the production dependencies; fails if the registry does not answer
	@$(NODE) hack/audit.ts

.PHONY: prepare-release
prepare-release: $(INSTALLED) ## set VERSION=x.y.z in all files, and move the unreleased changes in CHANGELOG.md to its section
	@$(NODE) hack/release/main.ts prepare "$(VERSION)"

.PHONY: release
release: $(INSTALLED) ## write the files of VERSION=x.y.z to dist/: chart, install.yaml, kubectl-prism, checksums, notes; EXECUTABLES=1 adds programs that include Node
	@$(NODE) hack/release/main.ts files "$(VERSION)" $(if $(EXECUTABLES),--executables)

# The release workflow calls these targets with cosign, helm and gh logged in. The signatures have the workflow's identity.
.PHONY: sign
sign: $(INSTALLED) ## sign the image IMAGE=name@sha256:... with cosign, without a key
	@$(NODE) hack/release/publish.ts sign "$(IMAGE)"

.PHONY: publish-chart
publish-chart: $(INSTALLED) ## push the chart in dist/ to the registry CHARTS, and sign it
	@$(NODE) hack/release/publish.ts chart "$(VERSION)" "$(CHARTS)"

.PHONY: publish-release
publish-release: $(INSTALLED) ## sign dist/SHA256SUMS, and create a GitHub release with the files in dist/
	@$(NODE) hack/release/publish.ts release "$(VERSION)"

.PHONY: render
render: $(INSTALLED) ## print the objects that the operator creates for the quick start's stack, without a cluster
	$(NODE) cli/main.ts render --tree -f samples/quickstart.yaml

PREFIX ?= $(HOME)/.local/bin

.PHONY: kubectl-prism
kubectl-prism: $(INSTALLED) ## link kubectl-prism and its completion into PREFIX, for `kubectl prism`
	mkdir -p $(PREFIX)
	ln -sf $(CURDIR)/bin/kubectl-prism $(CURDIR)/bin/kubectl_complete-prism $(PREFIX)/
	@case ":$$PATH:" in *:$(PREFIX):*) ;; *) echo "$(PREFIX) is not on the PATH: kubectl finds the plugin only there" ;; esac

.PHONY: bench
bench: $(INSTALLED) control-plane ## run the benchmarks, and write docs/performance.md (15 min); PARTS=hook,cores,beside,outside,growth,claims,line,memory selects some, PARTS=peers compares other operators
	PARTS=$(PARTS) PEER=$(PEER) KRO=$(KRO) $(NODE) --expose-gc test/bench/main.ts

.PHONY: kro
kro: $(INSTALLED) ## build kro for `make bench PARTS=peers`, unless it is in the cache, and print its path
	@$(NODE) hack/kro/binary.ts

.PHONY: clean
clean: ## remove what was installed and built here (the cached control plane stays)
	rm -rf node_modules coverage

include devcluster/cluster.mk
