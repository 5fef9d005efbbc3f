import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { objectKey } from "../../kube/object.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

// The kinds that the commands read, from the registry, and how a user names an object.

/** "prismstacks.prism.io", which is unambiguous for kubectl. */
export const resourceName = ({ plural, group }: KindDescriptor): string => `${plural}.${group}`;

/** Kinds that a user writes; PrismRosters are internal. */
export const USER_KINDS: readonly KindDescriptor[] = REGISTRY.map(({ parent }) => parent);

/** Kinds whose pods the annotation restartedAt replaces. */
export const RESTARTABLE: readonly string[] = ["PrismStack", "PatternRunner", "PrismShard"];

export const isOurs = ({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">): boolean =>
	apiVersion === API_VERSION && KINDS.some((descriptor) => descriptor.kind === kind);

/** Whether an object is of a kind that a user writes. */
export const isUserKind = ({ apiVersion, kind }: KubeObject): boolean =>
	apiVersion === API_VERSION && USER_KINDS.some((descriptor) => descriptor.kind === kind);

/** Order by kind, then by namespace and name. */
export const byKindAndName = (left: KubeObject, right: KubeObject): number =>
	kindIndex(left) - kindIndex(right) || (objectKey(left) < objectKey(right) ? -1 : 1);

const kindIndex = ({ kind }: KubeObject): number => USER_KINDS.findIndex((descriptor) => descriptor.kind === kind);

/** Kinds of the children, and of the objects that Kubernetes creates from them; never Secrets. */
export const MADE_RESOURCES: readonly string[] = [
	...new Set([
		...REGISTRY.flatMap(({ children }) => children)
			.filter(
				({ apiVersion, kind, onlyWith }) => apiVersion !== API_VERSION && kind !== "Secret" && onlyWith === undefined,
			)
			.map(({ apiVersion, resource }) => qualified(apiVersion, resource)),
		"replicasets.apps",
		"pods",
	]),
];

/** "deployments.apps", "pods": as in the output of kubectl api-resources. */
export function qualified(apiVersion: string, resource: string): string {
	const [group, version] = apiVersion.split("/");
	return version === undefined ? resource : `${resource}.${group}`;
}

/** Label of all children, including the pods. */
export const MADE_SELECTOR = "app.kubernetes.io/managed-by=prism-operator";

// ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Other kinds that a user can name: those that the commands read anyway. */
const OTHER_KINDS: readonly (readonly [kind: string, ...names: string[]])[] = [
	["Deployment", "deployment", "deployments", "deploy"],
	["StatefulSet", "statefulset", "statefulsets", "sts"],
	["ReplicaSet", "replicaset", "replicasets", "rs"],
	["Pod", "pod", "pods", "po"],
	["Service", "service", "services", "svc"],
	["ConfigMap", "configmap", "configmaps", "cm"],
	["HorizontalPodAutoscaler", "horizontalpodautoscaler", "horizontalpodautoscalers", "hpa"],
	["PodDisruptionBudget", "poddisruptionbudget", "poddisruptionbudgets", "pdb"],
	["Ingress", "ingress", "ingresses", "ing"],
	["NetworkPolicy", "networkpolicy", "networkpolicies", "netpol"],
];

/** A Prism kind by any name that kubectl accepts. */
export const descriptorNamed = (word: string): KindDescriptor | undefined =>
	KINDS.find(({ kind, plural, singular, shortNames }) =>
		[kind.toLowerCase(), plural, singular, ...shortNames].includes(word.toLowerCase()),
	);

/** Kind of a name that kubectl accepts: prismstack, prismstacks.prism.io, ps, Deployment. */
export const kindNamed = (word: string): string | undefined => {
	const [plain = ""] = word.toLowerCase().split(".");
	return descriptorNamed(plain)?.kind ?? OTHER_KINDS.find(([, ...names]) => names.includes(plain))?.[0];
};

/** An object as a user names it; without a kind, any Prism kind. */
export interface Wanted {
	readonly kind?: string;
	readonly namespace?: string;
	readonly name: string;
}

export class UsageError extends Error {
	override name = "UsageError";
}

/** "prismstack/shop", "prismstack shop", "shop", and several: "prismstack a b". */
export const wantedOf = (words: readonly string[]): Wanted[] => {
	const [first, ...rest] = words;
	if (first === undefined) return [];
	if (first.includes("/") || rest.length === 0 || kindNamed(first) === undefined) return words.map(wantedIn);
	const kind = kindNamed(first);
	return rest.map((name) => ({ name, ...(kind !== undefined && { kind }) }));
};

const wantedIn = (word: string): Wanted => {
	const [kindWord, name, ...more] = word.split("/");
	if (name === undefined || kindWord === undefined) return { name: word };
	if (more.length > 0 || name === "")
		throw new UsageError(`cannot parse "${word}": write KIND/NAME, such as prismstack/shop`);
	const kind = kindNamed(kindWord);
	if (kind === undefined)
		throw new UsageError(
			`cannot find kind "${kindWord}". Known kinds: ${USER_KINDS.map(({ singular }) => singular).join(", ")}, deployment, statefulset, pod`,
		);
	return { kind, name };
};
