import { childKindsOf, type Feature, type Row } from "../../kube/hook.ts";
import type { KindDescriptor } from "../../schemas/common.ts";

// What Metacontroller may do, narrowed to what our controllers make it do: its own role is everything on everything.

/** A rule of the role, and the feature without which it is not there. */
export interface Rule {
	readonly feature?: Feature;
	readonly apiGroups: readonly string[];
	readonly resources: readonly string[];
	readonly verbs: readonly string[];
	/** Verbs that an installation may never see used, and why they are granted: comments of the role. */
	readonly unused?: readonly Unused[];
}

interface Unused {
	readonly verbs: readonly string[];
	/** Left out: all of the rule. */
	readonly resources?: readonly string[];
	readonly reason: string;
}

const READ = ["get", "list", "watch"];
/** Metacontroller updates children in place; `patch` it needs for server-side apply only, which is not switched on. */
const MAKE = [...READ, "create", "update", "delete"];

/** Kinds that hooks relate to and that are neither parents nor children. A test asks every hook for what it relates to. */
const RELATED = [
	{ group: "", resource: "persistentvolumeclaims" },
	{ group: "discovery.k8s.io", resource: "endpointslices" },
	{ group: "storage.k8s.io", resource: "storageclasses" },
] as const;

const ADOPTED: Unused = { verbs: ["get"], reason: "a child that lost its owner is read again before it is adopted" };
const COLLECTED: Unused = {
	verbs: ["delete"],
	reason: "goes with its parent, by the garbage collector, unless a hook leaves it out",
};

export const FEATURES = ["inlineCredentials", "keda", "serviceMonitors"] as const satisfies readonly Feature[];

export const roleOf = (registry: readonly Row[], kinds: readonly KindDescriptor[]): Rule[] => {
	const parents = registry.map(({ parent }) => parent);
	const ours = kinds[0]?.group ?? "";
	return [
		// Update: its finalizer. Who deletes a parent is its user, or the stack that made it.
		...byGroup(parents.map(({ group, plural }) => ({ group, resource: plural }))).map((kind) => ({
			...kind,
			verbs: [...READ, "update"],
		})),
		{ apiGroups: [ours], resources: parents.map(({ plural }) => `${plural}/status`).toSorted(), verbs: ["update"] },
		// Where OwnerReferencesPermissionEnforcement is on, for the owner references of children that block deletion.
		{
			apiGroups: [ours],
			resources: parents.map(({ plural }) => `${plural}/finalizers`).toSorted(),
			verbs: ["update"],
			unused: [
				{ verbs: ["update"], reason: "asked for by the admission plugin OwnerReferencesPermissionEnforcement only" },
			],
		},
		...byGroup(childrenOf(registry, {})).map((kind) => ({ ...kind, verbs: MAKE, unused: unusedOf(kind) })),
		...FEATURES.flatMap((feature) => {
			const always = new Set(childrenOf(registry, {}).map(keyOf));
			const only = childrenOf(registry, { [feature]: true }).filter((kind) => !always.has(keyOf(kind)));
			return byGroup(only).map((kind) => ({ feature, ...kind, verbs: MAKE, unused: unusedOf(kind) }));
		}),
		...byGroup(RELATED).map((kind) => ({ ...kind, verbs: ["list", "watch"] })),
	];
};

/** Kinds that no edit of a parent ever makes superfluous. */
const LASTING = ["prismrosters", "secrets", "statefulsets"];

const unusedOf = ({ resources }: Pick<Rule, "resources">): Unused[] => {
	const lasting = resources.filter((resource) => LASTING.includes(resource));
	return [ADOPTED, ...(lasting.length > 0 ? [{ ...COLLECTED, resources: lasting }] : [])];
};

interface Resource {
	readonly group: string;
	readonly resource: string;
}

const keyOf = ({ group, resource }: Resource): string => `${resource}.${group}`;

const childrenOf = (registry: readonly Row[], features: Partial<Record<Feature, boolean>>): Resource[] =>
	registry
		.flatMap((row) => childKindsOf(row, features))
		.map(({ apiVersion, resource }) => ({
			group: apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "",
			resource,
		}));

const byGroup = (kinds: readonly Resource[]): { apiGroups: string[]; resources: string[] }[] =>
	[...new Set(kinds.map(({ group }) => group))].toSorted().map((group) => ({
		apiGroups: [group],
		resources: [...new Set(kinds.filter((kind) => kind.group === group).map(({ resource }) => resource))].toSorted(),
	}));
