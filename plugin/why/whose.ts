import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

/** The owner of an object, from its metadata. */
export const whose = ({
	metadata: { ownerReferences = [], labels = {}, annotations = {}, managedFields = [] },
}: KubeObject): string => {
	const [owner] = ownerReferences;
	if (owner !== undefined) return `belongs to ${owner.kind} ${owner.name}`;
	const release = annotations["meta.helm.sh/release-name"];
	if (release !== undefined) return `belongs to Helm release ${release}`;
	const argo = annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"];
	if (argo !== undefined) return `belongs to Argo CD application ${argo}`;
	const flux = labels["kustomize.toolkit.fluxcd.io/name"];
	if (flux !== undefined) return `belongs to Flux Kustomization ${flux}`;
	const by = labels["app.kubernetes.io/managed-by"];
	if (by !== undefined && by !== "prism-operator") return `is managed by ${by}`;
	// Kubernetes itself writes the status, and annotations of a rollout.
	const managers = managedFields
		.filter((entry) => valueAt(entry, "subresource") === undefined)
		.map((entry) => valueAt(entry, "manager"))
		.filter((name) => typeof name === "string")
		.filter((name) => name !== "kube-controller-manager");
	const manager = managers.find((name) => name !== "");
	return manager === undefined ? "has no information about its owner" : `was written by the field manager "${manager}"`;
};
