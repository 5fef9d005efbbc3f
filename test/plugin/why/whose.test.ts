import { expect, it } from "vitest";
import { whose } from "../../../plugin/why/whose.ts";
import { other } from "../world.ts";

const OWNER = [{ apiVersion: "v1", kind: "ConfigMap", name: "its", uid: "u" }];
const wrote = (manager: string, subresource?: string) => ({
	manager,
	...(subresource !== undefined && { subresource }),
});

it.each([
	["its owner first", { ownerReferences: OWNER, labels: { "app.kubernetes.io/managed-by": "Helm" } }, "ConfigMap its"],
	["a release of Helm", { annotations: { "meta.helm.sh/release-name": "shop" } }, "Helm release shop"],
	[
		"Argo CD, by annotation",
		{ annotations: { "argocd.argoproj.io/tracking-id": "app:v1/Service:a/b" } },
		"Argo CD application app",
	],
	["Argo CD, by label", { labels: { "argocd.argoproj.io/instance": "app" } }, "Argo CD application app"],
	["Flux", { labels: { "kustomize.toolkit.fluxcd.io/name": "apps" } }, "Flux Kustomization apps"],
	["who manages it", { labels: { "app.kubernetes.io/managed-by": "kro" } }, "kro"],
	["not this operator", { labels: { "app.kubernetes.io/managed-by": "prism-operator" } }, "no information"],
	["who wrote it", { managedFields: [wrote("kubectl-create")] }, '"kubectl-create"'],
	["not who wrote its status", { managedFields: [wrote("a", "status"), wrote("b")] }, '"b"'],
	["not Kubernetes", { managedFields: [wrote("kube-controller-manager")] }, "no information"],
	["nothing", {}, "no information"],
])("whose an object is: %s", (_, metadata, part) => {
	expect(whose(other("v1", "Service", "orders", metadata))).toContain(part);
});
