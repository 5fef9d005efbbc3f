import { isRecord } from "../../kube/object.ts";
import { type Structural, toStructural } from "../../kube/structural.ts";
import type { KindDescriptor } from "../../schemas/common.ts";

// The CEL rules of a kind as the API server has them: from the same schema that its CRD is made of.

export interface RuleOfField {
	/** Field that the API server's error names; undefined for a rule about the whole object. */
	readonly field: string | undefined;
	readonly message: string;
}

export const rulesOfKind = (kind: KindDescriptor): RuleOfField[] => [
	...kind.rules.map(({ message }) => ({ field: undefined, message })),
	...rulesBelow(toStructural(kind.spec), "spec"),
];

const rulesBelow = (schema: Structural, path: string): RuleOfField[] => {
	const { properties, items, additionalProperties } = schema;
	return [
		...ownRules(schema, path),
		...Object.entries(isRecord(properties) ? properties : {}).flatMap(([name, property]) =>
			isRecord(property) ? rulesBelow(property, `${path}.${name}`) : [],
		),
		...(isRecord(items) ? rulesBelow(items, `${path}[]`) : []),
		...(isRecord(additionalProperties) ? rulesBelow(additionalProperties, `${path}.*`) : []),
	];
};

const ownRules = (schema: Structural, path: string): RuleOfField[] => {
	const list = schema["x-kubernetes-validations"];
	if (!Array.isArray(list)) return [];
	return list.filter(isRecord).map(({ message, fieldPath }) => ({
		field: `${path}${typeof fieldPath === "string" ? fieldPath : ""}`,
		message: String(message),
	}));
};
