import type { KubeObject } from "../../schemas/common.ts";
import { objectAt, objectsAt, stringAt } from "../json.ts";

// ResourceQuota for pods, as the API server's admission refuses what exceeds one: counts, and the requests and limits of
// containers.

const COMPUTE = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
type Compute = (typeof COMPUTE)[number];
const ALIASES: Readonly<Record<string, Compute>> = { cpu: "requests.cpu", memory: "requests.memory" };

/** The reason for which the quotas of its namespace refuse a new pod; undefined when none does. */
export const quotaExceeded = (
	pod: KubeObject,
	quotas: readonly KubeObject[],
	pods: readonly KubeObject[],
): string | undefined => {
	const counted = pods.filter((other) => !["Failed", "Succeeded"].includes(stringAt(other, "status", "phase") ?? ""));
	for (const quota of quotas) {
		const { name } = quota.metadata;
		const hard = objectAt(quota, "spec", "hard");
		const silent = COMPUTE.flatMap((resource) =>
			Object.keys(hard).some((key) => key === resource || ALIASES[key] === resource)
				? containersWithout(pod, resource).map((container) => `${resource} for: ${container}`)
				: [],
		);
		if (silent.length > 0) return `failed quota: ${name}: must specify ${silent.join("; ")}`;
		for (const [key, limit] of Object.entries(hard)) {
			const [wanted, used] = [usage(pod, key), sum(counted.map((other) => usage(other, key)))];
			if (wanted === 0 || wanted + used <= numeric(limit)) continue;
			return `exceeded quota: ${name}, requested: ${key}=${wanted}, used: ${key}=${used}, limited: ${key}=${String(limit)}`;
		}
	}
	return undefined;
};

const containersOf = (pod: KubeObject) => objectsAt(pod, "spec", "containers");

const amountOf = (container: unknown, resource: Compute): unknown => {
	const [part = "", unit = ""] = resource.split(".");
	const own = objectAt(container, "resources", part)[unit];
	// A limit without a request is one.
	return own ?? (part === "requests" ? objectAt(container, "resources", "limits")[unit] : undefined);
};

const containersWithout = (pod: KubeObject, resource: Compute): string[] =>
	containersOf(pod)
		.filter((container) => amountOf(container, resource) === undefined)
		.map((container) => stringAt(container, "name") ?? "");

/** What a pod takes of a quota's resource; 0 of one that is not counted here. */
const usage = (pod: KubeObject, key: string): number => {
	if (key === "pods" || key === "count/pods") return 1;
	const resource = ALIASES[key] ?? COMPUTE.find((candidate) => candidate === key);
	if (resource === undefined) return 0;
	return sum(containersOf(pod).map((container) => numeric(amountOf(container, resource))));
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const POWERS: Readonly<Record<string, number>> = {
	m: 1e-3,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
};

/** As a number that is good enough to compare; 0 for what is no quantity. */
const numeric = (quantity: unknown): number => {
	const [, digits = "", suffix = ""] = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
	return Number(digits) * (suffix === "" ? 1 : (POWERS[suffix] ?? 0)) || 0;
};
