import { Type } from "@sinclair/typebox";
import { ObjectName, OPTIONAL_NAME_PATTERN, PositiveQuantity } from "./common.ts";

// The volume of each pod of a StatefulSet.

export const volumeFields = {
	size: PositiveQuantity({ description: "Size of each pod's volume, such as 10Gi.", default: "10Gi" }),
	storageClassName: Type.Optional(
		ObjectName({
			description:
				'StorageClass of the volumes. Default: the default class of the cluster. "": none, for volumes that were created by hand.',
			minLength: 0,
			pattern: OPTIONAL_NAME_PATTERN,
		}),
	),
};

/** CEL has no quantities before Kubernetes 1.29: the rule multiplies the number by its suffix, which is precise enough for sizes. */
const valueInCel = (field: string): string => {
	const powers = ["k", "M", "G", "T", "P", "E"].flatMap((prefix, index) => [
		`'${prefix}': 1e${3 * (index + 1)}`,
		`'${prefix.toUpperCase()}i': ${1024 ** (index + 1)}.0`,
	]);
	const factors = `{'': 1.0, 'n': 1e-9, 'u': 1e-6, 'm': 1e-3, ${powers.join(", ")}}`;
	return `double(string(${field}).find('^[-+]?[0-9.]+([eE][-+]?[0-9]+)?')) * ${factors}[string(${field}).find('[A-Za-z]*$')]`;
};

/** Immutable fields, and what to do instead of changing them. */
export const volumeRules = (instead: { readonly size: string; readonly storageClassName: string }) => [
	{
		rule: `self.size == oldSelf.size || ${valueInCel("self.size")} == ${valueInCel("oldSelf.size")}`,
		message: `size can't be changed: ${instead.size}`,
		fieldPath: ".size",
	},
	{
		rule: "has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",
		message: `storageClassName can't be changed: ${instead.storageClassName}`,
		fieldPath: ".storageClassName",
	},
];
