import { controllerReference } from "../../controller-reference.ts";
import { objectAt, saysTheSame, valueAt } from "../../json.ts";
import { type Cluster, fromCache } from "./cluster.ts";
import type { ClaimTemplate, PodSpec, StatefulSet } from "./shapes.ts";

// Volumes: claims of a StatefulSet's pods, and the storage that gives every claim what it asks for.

/** Works on one claim: binds it at once, and lets it grow with its request. */
export const syncClaim = async (cluster: Cluster, key: string): Promise<undefined> => {
	const claim = fromCache(cluster.claims, key);
	if (!claim || claim.metadata.deletionTimestamp !== undefined) return;
	const status = {
		phase: "Bound",
		accessModes: valueAt(claim, "spec", "accessModes") ?? ["ReadWriteOnce"],
		capacity: objectAt(claim, "spec", "resources", "requests"),
	};
	if (!saysTheSame(status, claim["status"])) await cluster.updateStatus({ ...claim, status });
};

const templatesOf = (set: StatefulSet): readonly ClaimTemplate[] => set.spec.volumeClaimTemplates ?? [];

const claimName = (set: StatefulSet, template: ClaimTemplate, ordinal: number) =>
	`${template.metadata.name}-${set.metadata.name}-${ordinal}`;

/** Makes the claims of one pod, unless they are there from an earlier one: that is what they are for. */
export const ensureClaims = async (cluster: Cluster, set: StatefulSet, ordinal: number): Promise<void> => {
	const { namespace = "" } = set.metadata;
	const goesWithSet = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
	for (const template of templatesOf(set)) {
		const name = claimName(set, template, ordinal);
		if (cluster.claims.get(namespace, name)) continue;
		await cluster.create({
			apiVersion: "v1",
			kind: "PersistentVolumeClaim",
			metadata: {
				name,
				namespace,
				labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
				...(goesWithSet && { ownerReferences: [controllerReference(set)] }),
			},
			spec: template.spec,
		});
	}
};

/** The pod's spec with its own claims in the place of the templates'. */
export const withClaims = (set: StatefulSet, spec: PodSpec, ordinal: number): PodSpec => {
	const templates = templatesOf(set);
	if (templates.length === 0) return spec;
	const own = templates.map((template) => ({
		name: template.metadata.name,
		persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
	}));
	const names = new Set(own.map(({ name }) => name));
	return { ...spec, volumes: [...(spec.volumes ?? []).filter(({ name }) => !names.has(String(name))), ...own] };
};

/** Deletes the claims of pods that were scaled away, if the policy of the set is Delete. */
export const removeClaims = async (
	cluster: Cluster,
	set: StatefulSet,
	isKept: (ordinal: number) => boolean,
): Promise<void> => {
	if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return;
	const prefixes = templatesOf(set).map((template) => `${template.metadata.name}-${set.metadata.name}-`);
	for (const claim of cluster.claims.list(set.metadata.namespace)) {
		const { name, deletionTimestamp } = claim.metadata;
		const prefix = prefixes.find((candidate) => name.startsWith(candidate));
		const ordinal = Number(name.slice(prefix?.length));
		if (prefix === undefined || !Number.isInteger(ordinal) || isKept(ordinal) || deletionTimestamp) continue;
		await cluster.remove(claim);
	}
};
