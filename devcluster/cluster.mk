# Targets that build the image, and that act on the cluster of the current context or on one of kind. kubectl, helm, docker
# and kind are the machine's own. docs/commands.md says which of them MEMO-036 and ADR-037 name.

VERSION := $(shell sed -n 's/^\t"version": "\(.*\)",$$/\1/p' package.json)
# The operator's image, with its tag.
IMG ?= ghcr.io/prism/prism-operator:v$(VERSION)
# The chart's: the same name with -probe behind it, and the same tag.
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

# Fails, with where to get it, when a program is missing.
need = @command -v $(firstword $(1)) >/dev/null || { echo "$(firstword $(1)) is missing: $(2)" >&2; exit 1; }
NEED_KUBECTL = $(call need,$(KUBECTL),https://kubernetes.io/docs/tasks/tools)
NEED_HELM = $(call need,$(HELM),https://helm.sh/docs/intro/install)
NEED_DOCKER = $(call need,$(DOCKER),https://docs.docker.com/get-docker)

KINDS := prismstacks,prismnamespaces,prismshards,prismplugins,patternrunners,backendconfigs
# Only running hooks release the finalizers of what is left, and deleting the kinds deletes it: so neither goes before.
nothing-left = @left=$$($(KUBECTL) get $(KINDS) --all-namespaces --ignore-not-found --output name 2>/dev/null); \
	if [ -n "$$left" ] && [ -z "$(FORCE)" ]; then \
		printf '%s\n' "cannot $(1): there is still" $$left "Delete it first (docs/install.md, Uninstalling), or set FORCE=1" >&2; exit 1; \
	fi

# ── The image ────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: docker-build
docker-build: ## build the image IMG, and the probe's beside it
	$(NEED_DOCKER)
	$(DOCKER) build --tag $(IMG) .
	$(DOCKER) build --target probe --tag $(PROBE_IMG) .

.PHONY: docker-push
docker-push: ## push the image IMG, and the probe's
	$(NEED_DOCKER)
	$(DOCKER) push $(IMG)
	$(DOCKER) push $(PROBE_IMG)

.PHONY: docker-build-local
docker-build-local: ## build the image prism-operator:local
	$(MAKE) docker-build IMG=prism-operator:local

.PHONY: pin-images
pin-images: $(INSTALLED) ## write the digests of the Dockerfile's base images behind their tags, as the registries have them
	$(NEED_DOCKER)
	$(NODE) hack/pin-images.ts

# ── The current cluster ──────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: install
install: ## install the kinds into the current cluster
	$(NEED_KUBECTL)
	$(KUBECTL) apply --server-side --force-conflicts --filename crds/

.PHONY: uninstall
uninstall: ## remove the kinds from the current cluster, once there are no objects of theirs; FORCE=1 with them
	$(NEED_KUBECTL)
	$(call nothing-left,remove the kinds)
	$(KUBECTL) delete --ignore-not-found --filename crds/

.PHONY: deploy
deploy: ## install or upgrade the operator, image IMG, in the current cluster; HELM_FLAGS for other values
	$(NEED_HELM)
	image='$(IMG)'; case "$${image##*/}" in *:*) ;; *) image="$$image:latest";; esac; \
	$(HELM) upgrade --install prism-operator charts/prism-operator --namespace $(OPERATOR_NAMESPACE) --create-namespace \
		--take-ownership --set image.repository="$${image%:*}" --set image.tag="$${image##*:}" $(HELM_FLAGS)

.PHONY: undeploy
undeploy: ## remove the operator from the current cluster, once there is nothing that it runs; FORCE=1 all the same
	$(NEED_KUBECTL)
	$(NEED_HELM)
	$(call nothing-left,remove the operator)
	$(HELM) uninstall prism-operator --namespace $(OPERATOR_NAMESPACE) --ignore-not-found --wait

.PHONY: manifests
manifests: generate ## the same as generate

.PHONY: test-integration
test-integration: $(INSTALLED) control-plane helm ## the tests that need a real kube-apiserver
	$(NODE) node_modules/vitest/vitest.mjs run test/integration test/devcluster/api/ test/charts

.PHONY: test-metacontroller
test-metacontroller: $(INSTALLED) control-plane helm ## the same on the real Metacontroller, from the image that the chart names (needs Docker)
	$(NEED_DOCKER)
	METACONTROLLER="$$($(NODE) hack/metacontroller-image.ts)" && export METACONTROLLER && \
		$(NODE) node_modules/vitest/vitest.mjs run test/integration test/devcluster/api/ test/charts

.PHONY: test-e2e
test-e2e: $(INSTALLED) ## the sample from apply to Ready, in a local cluster, or with CLUSTER=current in that of the current context (YES=1: without asking)
	$(NODE) cli/main.ts run --once $(if $(YES),--yes) --cluster $(CLUSTER) --filename $(SAMPLE)

.PHONY: local-deploy
local-deploy: install ## install the operator, image prism-operator:local, in the cluster of Docker Desktop
	$(KUBECTL) config use-context $(LOCAL_CONTEXT)
	$(MAKE) deploy IMG=prism-operator:local

.PHONY: local-run
local-run: $(INSTALLED) ## run the operator on this machine, against the cluster of Docker Desktop, with a sample
	$(NEED_KUBECTL)
	$(KUBECTL) config use-context $(LOCAL_CONTEXT)
	$(NODE) cli/main.ts run --cluster current --yes --filename $(STACK_SAMPLE)

.PHONY: local-test
local-test: ## apply the sample stack, and show what it became
	$(NEED_KUBECTL)
	$(KUBECTL) apply --filename $(STACK_SAMPLE)
	$(KUBECTL) get prismstack prism-dev
	$(KUBECTL) get all --selector stack=prism-dev

.PHONY: local-clean
local-clean: ## delete everything of our kinds in the current namespace, then the operator
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
kind-program: ## install the kind that the project is tried with, by Go, where `go install` puts programs
	go install sigs.k8s.io/kind@$(KIND_VERSION)

.PHONY: kind-up
kind-up: $(INSTALLED) ## a cluster of kind with Metacontroller, the operator's image and the sample, until it is Ready; KIND_IMAGE= another Kubernetes
	@KIND_CLUSTER='$(KIND_CLUSTER)' KIND_IMAGE='$(KIND_IMAGE)' SAMPLE='$(SAMPLE)' IMG='$(if $(filter file,$(origin IMG)),,$(IMG))' $(NODE) devcluster/kind-cluster/main.ts up

.PHONY: kind-down
kind-down: $(INSTALLED) ## delete that cluster
	@KIND_CLUSTER='$(KIND_CLUSTER)' $(NODE) devcluster/kind-cluster/main.ts down

.PHONY: kind-create
kind-create: $(INSTALLED) ## an empty cluster of kind
	kind create cluster --name $(KIND_CLUSTER)
	$(KUBECTL) config use-context kind-$(KIND_CLUSTER)

.PHONY: kind-delete
kind-delete: $(INSTALLED) ## the same as kind-down
	kind delete cluster --name $(KIND_CLUSTER)
