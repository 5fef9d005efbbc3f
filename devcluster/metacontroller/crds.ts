import type { KubeObject } from "../../schemas/common.ts";

// The kinds that configure Metacontroller, so that they can be applied to the local API server and
// Metacontroller itself can be started against it. Their fields are not described here: Metacontroller's own
// installation does that.

const GROUP = "metacontroller.k8s.io";

const crd = (kind: string, plural: string, scope: "Cluster" | "Namespaced", fields: readonly string[]): KubeObject => ({
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: {
		name: `${plural}.${GROUP}`,
		// The API server accepts names below k8s.io only with a word on who approved them.
		annotations: { "api-approved.kubernetes.io": "unapproved, local development only" },
	},
	spec: {
		group: GROUP,
		scope,
		names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
		versions: [
			{
				name: "v1alpha1",
				served: true,
				storage: true,
				schema: {
					openAPIV3Schema: {
						type: "object",
						properties: Object.fromEntries(fields.map((field) => [field, open(field)])),
					},
				},
				...(fields.includes("status") && { subresources: { status: {} } }),
			},
		],
	},
});

const open = (field: string) => ({
	type: field === "children" ? "array" : "object",
	...(field === "children"
		? { items: { type: "object", "x-kubernetes-preserve-unknown-fields": true } }
		: { "x-kubernetes-preserve-unknown-fields": true }),
});

export const METACONTROLLER_CRDS: readonly KubeObject[] = [
	crd("CompositeController", "compositecontrollers", "Cluster", ["spec", "status"]),
	crd("DecoratorController", "decoratorcontrollers", "Cluster", ["spec", "status"]),
	crd("ControllerRevision", "controllerrevisions", "Namespaced", ["parentPatch", "children"]),
];
