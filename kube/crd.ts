import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import { isRecord } from "./object.ts";
import { type Structural, toStructural } from "./structural.ts";

/**
 * Selectable fields, for `kubectl get --field-selector`. Not in the CRD: an API server before 1.31 does not know the field, and
 * rejects unknown fields in server-side apply. The chart adds it if the API server is newer.
 */
export const selectableFields = ({ spec, status }: KindDescriptor): string[] => [
	...["pattern", "backend"].filter((name) => name in spec.properties).map((name) => `.spec.${name}`),
	...("phase" in status.properties ? [".status.phase"] : []),
];

/** Fields of Kubernetes' own types: `kubectl explain` describes their fields at the original kinds. */
const KUBERNETES_OWN: ReadonlySet<string> = new Set(["affinity", "metrics", "placement"]);
/** Depth of the descriptions below such a field: the field itself, and its fields. */
const DESCRIBED_LEVELS = 2;

/**
 * Removes the descriptions deep below a field of Kubernetes' own types. `kubectl apply` stores a copy of what it applies in an
 * annotation, and the API server rejects annotations above 262,144 bytes.
 */
const brief = (schema: Structural, level = 0): Structural => {
	const { description, properties, items, additionalProperties, ...rest } = schema;
	const below = (name: string) => (level > 0 || KUBERNETES_OWN.has(name) ? level + 1 : 0);
	return {
		...(level <= DESCRIBED_LEVELS && description !== undefined && { description }),
		...rest,
		...(isRecord(properties) && {
			properties: Object.fromEntries(
				Object.entries(properties).map(([name, field]) => [name, isRecord(field) ? brief(field, below(name)) : field]),
			),
		}),
		...(isRecord(items) && { items: brief(items, level) }),
		...(additionalProperties !== undefined && {
			additionalProperties: isRecord(additionalProperties) ? brief(additionalProperties, level) : additionalProperties,
		}),
	};
};

/** The default of a new object: without a status, kstatus would report it as Current. */
const unobserved = ({ status }: KindDescriptor) =>
	"observedGeneration" in status.properties && { default: { observedGeneration: 0 } };

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
							spec: brief(toStructural(kind.spec)),
							status: { ...toStructural(kind.status), ...unobserved(kind) },
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
