# Targets that build the images, and targets for the current context's cluster or a kind cluster. They use the machine's own
# kubectl, helm, docker and kind. docs/commands.md lists the targets that MEMO-036 and ADR-037 name.

VERSION := $(shell sed -n 's/^\t"version": "\(.*\)",$$/\1/p' package.json)
# The operator's image, with its tag.
IMG ?= ghcr.io/prism/prism-operator:v$(VERSION)
# The probe's image, named as in the chart: -probe appended to the name, with the same tag.
PROBE_IMG = $(shell printf '%s' '$(IMG)' | sed -E 's/(:[^:\/]*)?$$/-probe\1/')
OPERATOR_NAMESPACE ?= prism-system
HELM_FLAGS ?= --set metacontroller.enabled=true
LOCAL_CONTEXT ?= docker-desktop
KIND_CLUSTER ?= prism-dev
KIND_VERSION := $(shell sed -n 's/^export const VERSION = "\(.*\)";$$/\1/p' devcluster/kind/find.ts)
STACK_SAMPLE := config/samples/prism_v1alpha1_prismstack.yaml
KUBECTL ?= kubectl
HELM ?= helm
DOCKER ?= docker

# Fails if a program is missing, and prints where to get it.
need = @command -v $(firstword $(1)) >/dev/null || { echo "$(firstword $(1)) is missing: $(2)" >&2; exit 1; }
NEED_KUBECTL = $(call need,$(KUBECTL),https://kubernetes.io/docs/tasks/tools)
NEED_HELM = $(call need,$(HELM),https://helm.sh/docs/intro/install)
NEED_DOCKER = $(call need,$(DOCKER),https://docs.docker.com/get-docker)

RESOURCES := prismstacks,prismnamespaces,prismshards,prismplugins,patternrunners,backendconfigs
# Fails while custom resources exist: only a running operator releases their finalizers, and deleting the CRDs would delete them.
no-resources-left = @left=$$($(KUBECTL) get $(RESOURCES) --all-namespaces --ignore-not-found --output name 2>/dev/null); \
	if [ -n "$$left" ] && [ -z "$(FORCE)" ]; then \
		printf '%s\n' "cannot $(1): custom resources are left:" $$left "Delete them first (docs/install.md, Uninstalling), or set FORCE=1" >&2; exit 1; \
	fi

# ── The image ────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: docker-build
docker-build: ## build the image IMG and the probe's image
	$(NEED_DOCKER)
	$(DOCKER) build --tag $(IMG) .
	$(DOCKER) build --target probe --tag $(PROBE_IMG) .

.PHONY: docker-push
docker-push: ## push the image IMG and the probe's image
	$(NEED_DOCKER)
	$(DOCKER) push $(IMG)
	$(DOCKER) push $(PROBE_IMG)

.PHONY: docker-build-local
docker-build-local: ## build the image prism-operator:local
	$(MAKE) docker-build IMG=prism-operator:local

.PHONY: pin-images
pin-images: $(INSTALLED) ## add the digests of the Dockerfile's base images to their tags
	$(NEED_DOCKER)
	$(NODE) hack/pin-images.ts

# ── The current cluster ──────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: install
install: ## install the CRDs in the current cluster
	$(NEED_KUBECTL)
	$(KUBECTL) apply --server-side --force-conflicts --filename crds/

.PHONY: uninstall
uninstall: ## remove the CRDs from the current cluster, if no custom resources are left; FORCE=1 also removes these
	$(NEED_KUBECTL)
	$(call no-resources-left,remove the CRDs)
	$(KUBECTL) delete --ignore-not-found --filename crds/

.PHONY: deploy
deploy: ## install or upgrade the operator with the image IMG in the current cluster; HELM_FLAGS sets other values
	$(NEED_HELM)
	image='$(IMG)'; case "$${image##*/}" in *:*) ;; *) image="$$image:latest";; esac; \
	$(HELM) upgrade --install prism-operator charts/prism-operator --namespace $(OPERATOR_NAMESPACE) --create-namespace \
		--take-ownership --set image.repository="$${image%:*}" --set image.tag="$${image##*:}" $(HELM_FLAGS)

.PHONY: undeploy
undeploy: ## remove the operator from the current cluster, if no custom resources are left; FORCE=1 removes it anyway
	$(NEED_KUBECTL)
	$(NEED_HELM)
	$(call no-resources-left,remove the operator)
	$(HELM) uninstall prism-operator --namespace $(OPERATOR_NAMESPACE) --ignore-not-found --wait

.PHONY: manifests
manifests: generate ## the same as generate

.PHONY: test-integration
test-integration: $(INSTALLED) control-plane helm ## the tests that need a real kube-apiserver
	$(NODE) node_modules/vitest/vitest.mjs run test/integration test/devcluster/api/ test/charts

.PHONY: test-metacontroller
test-metacontroller: $(INSTALLED) control-plane helm ## the same with the real Metacontroller from the image in the chart (needs Docker)
	$(NEED_DOCKER)
	METACONTROLLER="$$($(NODE) hack/metacontroller-image.ts)" && export METACONTROLLER && \
		$(NODE) node_modules/vitest/vitest.mjs run test/integration test/devcluster/api/ test/charts

.PHONY: test-e2e
test-e2e: $(INSTALLED) ## apply the sample and wait until it is Ready, in a local cluster; CLUSTER=current uses the current context (YES=1: without confirmation)
	$(NODE) cli/main.ts run --once $(if $(YES),--yes) --cluster $(CLUSTER) --filename $(SAMPLE)

.PHONY: local-deploy
local-deploy: install ## install the operator with the image prism-operator:local in Docker Desktop's cluster
	$(KUBECTL) config use-context $(LOCAL_CONTEXT)
	$(MAKE) deploy IMG=prism-operator:local

.PHONY: local-run
local-run: $(INSTALLED) ## run the operator on this machine with a sample, against Docker Desktop's cluster
	$(NEED_KUBECTL)
	$(KUBECTL) config use-context $(LOCAL_CONTEXT)
	$(NODE) cli/main.ts run --cluster current --yes --filename $(STACK_SAMPLE)

.PHONY: local-test
local-test: ## apply the sample stack, and show its objects
	$(NEED_KUBECTL)
	$(KUBECTL) apply --filename $(STACK_SAMPLE)
	$(KUBECTL) get prismstack prism-dev
	$(KUBECTL) get all --selector stack=prism-dev

.PHONY: local-clean
local-clean: ## delete all custom resources of the operator in the current namespace, then the operator
	$(NEED_KUBECTL)
	$(KUBECTL) delete prismstacks,prismnamespaces --all
	$(KUBECTL) delete prismshards,prismplugins,patternrunners,backendconfigs --all
	$(MAKE) undeploy

.PHONY: local-logs
local-logs: ## follow the operator's log
	$(NEED_KUBECTL)
	$(KUBECTL) logs --namespace $(OPERATOR_NAMESPACE) deployment/prism-operator-controller-manager --follow

# ── kind ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: kind-program
kind-program: ## install the tested version of kind with Go, in the folder of `go install`
	go install sigs.k8s.io/kind@$(KIND_VERSION)

.PHONY: kind-up
kind-up: $(INSTALLED) ## create a kind cluster with Metacontroller, the operator's image and the sample, and wait until it is Ready; KIND_IMAGE= another Kubernetes version
	@KIND_CLUSTER='$(KIND_CLUSTER)' KIND_IMAGE='$(KIND_IMAGE)' SAMPLE='$(SAMPLE)' IMG='$(if $(filter file,$(origin IMG)),,$(IMG))' $(NODE) devcluster/kind-cluster/main.ts up

.PHONY: kind-down
kind-down: $(INSTALLED) ## delete the kind cluster
	@KIND_CLUSTER='$(KIND_CLUSTER)' $(NODE) devcluster/kind-cluster/main.ts down

.PHONY: kind-create
kind-create: $(INSTALLED) ## create an empty kind cluster
	kind create cluster --name $(KIND_CLUSTER)
	$(KUBECTL) config use-context kind-$(KIND_CLUSTER)

.PHONY: kind-delete
kind-delete: $(INSTALLED) ## the same as kind-down
	kind delete cluster --name $(KIND_CLUSTER)
