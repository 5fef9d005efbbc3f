import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import { toStructural } from "./structural.ts";

/** The CustomResourceDefinition of a kind: everything that `kubectl explain`, `get` and the API server's checks need. */
export const customResourceDefinition = (kind: KindDescriptor): KubeObject => ({
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: `${kind.plural}.${kind.group}` },
	spec: {
		group: kind.group,
		scope: "Namespaced",
		names: {
			kind: kind.kind,
			listKind: `${kind.kind}List`,
			plural: kind.plural,
			singular: kind.singular,
			shortNames: [...kind.shortNames],
			categories: [...kind.categories],
		},
		versions: [
			{
				name: kind.version,
				served: true,
				storage: true,
				additionalPrinterColumns: kind.printerColumns.map((column) => ({ ...column })),
				schema: {
					openAPIV3Schema: {
						type: "object",
						description: kind.description,
						required: ["spec"],
						properties: {
							apiVersion: { type: "string", description: "Version of the API that the object is written in." },
							kind: { type: "string", description: "Kind of the object." },
							metadata: { type: "object" },
							spec: toStructural(kind.spec),
							status: toStructural(kind.status),
						},
						...(kind.rules.length > 0 && {
							"x-kubernetes-validations": kind.rules.map((rule) => ({ ...rule })),
						}),
					},
				},
				subresources: { status: {}, ...(kind.scale !== undefined && { scale: { ...kind.scale } }) },
			},
		],
	},
});
