import type { KubeObject } from "../../schemas/common.ts";

// Kinds of others that the chart's objects may be of. Their fields are not checked here: their own operators do that.

const crd = (group: string, version: string, kind: string, plural: string): KubeObject => ({
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: `${plural}.${group}` },
	spec: {
		group,
		scope: "Namespaced",
		names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
		versions: [
			{
				name: version,
				served: true,
				storage: true,
				schema: {
					openAPIV3Schema: {
						type: "object",
						properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
					},
				},
			},
		],
	},
});

export const SCALED_OBJECT = crd("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects");

export const OPTIONAL_CRDS: readonly KubeObject[] = [
	crd("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors"),
	crd("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules"),
	SCALED_OBJECT,
	crd("cert-manager.io", "v1", "Issuer", "issuers"),
	crd("cert-manager.io", "v1", "Certificate", "certificates"),
];
