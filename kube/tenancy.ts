import type { Excess } from "../schemas/findings/prismnamespace.ts";
import type { PrismNamespaceSpec } from "../schemas/prismnamespace.ts";
import type { AllowedNamespaces } from "../schemas/tenancy.ts";

// What a stack or shard grants PrismNamespaces of other Kubernetes namespaces: to be taken at all, and so much of it.

export interface Bounds extends Pick<AllowedNamespaces, "ceilings" | "backendConfig"> {
	/** Kind of the object whose owner sets them. */
	readonly kind: "PrismStack" | "PrismShard";
}

/** Whether objects of the Kubernetes namespace `home`, which is another than the owner's, are taken at all. */
export const takesFrom = (
	{ from, names = [] }: { readonly from?: AllowedNamespaces["from"]; readonly names?: readonly string[] },
	home: string,
): boolean => from === "All" || (from === "List" && names.includes(home));

type Asked = Pick<PrismNamespaceSpec, "backend" | "backendConfig" | "quotas"> & {
	readonly rateLimit?: { readonly rps?: number };
};

/** In the order of the fields; empty: all of it is granted. */
export const excessesOver = (
	{ ceilings = {}, backendConfig }: Pick<Bounds, "ceilings" | "backendConfig">,
	spec: Asked,
): Excess[] => {
	const { maxKeys, maxConnections, rateLimit = {} } = spec.quotas ?? {};
	const rate = spec.rateLimit?.rps;
	const rateField = rate === undefined ? "spec.quotas.rateLimit.requestsPerSecond" : "spec.rateLimit.rps";
	// Without a backend the settings go nowhere.
	const keys = spec.backend === undefined ? [] : Object.keys(spec.backendConfig ?? {});
	return [
		...over("spec.quotas.maxKeys", maxKeys, ceilings.maxKeys),
		...over("spec.quotas.maxConnections", maxConnections, ceilings.maxConnections),
		...over(rateField, rate ?? rateLimit.requestsPerSecond, ceilings.rateLimit?.requestsPerSecond),
		...over("spec.quotas.rateLimit.burstSize", rateLimit.burstSize, ceilings.rateLimit?.burstSize),
		...(backendConfig === true || keys.length === 0 ? [] : [{ about: "settings", keys } as const]),
	];
};

/** 0 exceeds a ceiling, like a missing value: on the wire both are the same, and a proxy can take them as "no limit". */
const over = (field: string, value: number | undefined, ceiling: number | undefined): Excess[] => {
	if (ceiling === undefined || value === ceiling || (value !== undefined && value > 0 && value < ceiling)) return [];
	return [{ about: "quota", field, ...(value !== undefined && { value }), ceiling }];
};
