import { KINDS, REGISTRY } from "../../hooks/index.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

// Which kinds the commands look at, from the registry, and how a user names an object.

/** "prismstacks.prism.io", as kubectl takes a kind without doubt. */
export const resourceName = ({ plural, group }: KindDescriptor): string => `${plural}.${group}`;

/** Kinds that a user writes; rosters are internal. */
export const USER_KINDS: readonly KindDescriptor[] = REGISTRY.map(({ parent }) => parent);

export const kindOf = ({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">): KindDescriptor | undefined =>
	apiVersion === API_VERSION ? KINDS.find((descriptor) => descriptor.kind === kind) : undefined;

export const isOurs = (object: Pick<KubeObject, "apiVersion" | "kind">): boolean => kindOf(object) !== undefined;

/** Kinds that the hooks make, and those that are made of them; never Secrets. */
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

function qualified(apiVersion: string, resource: string): string {
	const [group, version] = apiVersion.split("/");
	return version === undefined ? resource : `${resource}.${group}`;
}

/** What all that the hooks make is labelled with, down to the pods. */
export const MADE_SELECTOR = "app.kubernetes.io/managed-by=prism-operator";

// ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Other kinds that may be asked about: those that the commands read anyway. */
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
];

/** Kind of a word that kubectl would take for it: prismstack, prismstacks.prism.io, ps, Deployment. */
export const kindNamed = (word: string): string | undefined => {
	const [plain = ""] = word.toLowerCase().split(".");
	const ours = KINDS.find(({ kind, plural, singular, shortNames }) =>
		[kind.toLowerCase(), plural, singular, ...shortNames].includes(plain),
	);
	return ours?.kind ?? OTHER_KINDS.find(([, ...names]) => names.includes(plain))?.[0];
};

/** An object as a user names it; without a kind, any kind of ours. */
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
		throw new UsageError(`"${word}" is no object: write KIND/NAME, as prismstack/shop`);
	const kind = kindNamed(kindWord);
	if (kind === undefined)
		throw new UsageError(
			`"${kindWord}" is no kind that this command knows: ${USER_KINDS.map(({ singular }) => singular).join(", ")}, deployment, statefulset, pod`,
		);
	return { kind, name };
};
