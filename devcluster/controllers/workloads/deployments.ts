import { controllerOf } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { controllerReference } from "../../controller-reference.ts";
import { saysTheSame } from "../../json.ts";
import { type Cluster, fromCache } from "./cluster.ts";
import { deploymentStatus, millisToDeadline } from "./deployment-status.ts";
import { templateHash } from "./pods.ts";
import { REVISION, replicasOf, revisionOf, roll } from "./rollout.ts";
import { type Deployment, isDeployment, isReplicaSet, type ReplicaSet } from "./shapes.ts";

// Deployments: a ReplicaSet for each template, the newest one growing as the older ones shrink.

const HASH = "pod-template-hash";

/** Works on one Deployment; returns after how many ms its progress deadline passes. */
export const syncDeployment = async (cluster: Cluster, key: string): Promise<number | undefined> => {
	const deployment = fromCache(cluster.deployments, key);
	if (!isDeployment(deployment) || deployment.metadata.deletionTimestamp !== undefined) return undefined;
	const revised = deployment.spec.paused ? deployment : await ensureNewest(cluster, deployment);
	const sets = setsOf(cluster, deployment);
	const newest = newestOf(revised, sets);
	const older = sets.filter((set) => set !== newest);
	if (newest && !deployment.spec.paused) {
		await roll(cluster, revised, newest, older);
		await forgetOldest(cluster, revised, older);
	}
	const now = setsOf(cluster, deployment);
	const status = deploymentStatus(revised, newestOf(revised, now), now, cluster.now());
	if (!saysTheSame(status, revised.status)) await cluster.updateStatus({ ...revised, status });
	return millisToDeadline(revised, status, cluster.clock.now());
};

const setsOf = (cluster: Cluster, deployment: Deployment): ReplicaSet[] =>
	cluster.replicaSets
		.byOwner(deployment.metadata.uid ?? "")
		.filter(isReplicaSet)
		.filter((set) => controllerOf(set)?.uid === deployment.metadata.uid && !set.metadata.deletionTimestamp);

const newestOf = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined => {
	const hash = templateHash(deployment.spec.template);
	return sets.find(({ metadata }) => metadata.labels?.[HASH] === hash);
};

const revisedTo = <Revised extends KubeObject>(object: Revised, revision: number): Revised => ({
	...object,
	metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [REVISION]: String(revision) } },
});

/** Makes the ReplicaSet of the present template the newest one, and notes its revision at the Deployment too. */
const ensureNewest = async (cluster: Cluster, deployment: Deployment): Promise<Deployment> => {
	const sets = setsOf(cluster, deployment);
	const newest = newestOf(deployment, sets);
	const highest = Math.max(0, ...sets.filter((set) => set !== newest).map(revisionOf));
	const revision = newest && revisionOf(newest) > highest ? revisionOf(newest) : highest + 1;
	if (!newest) await cluster.create(newSet(deployment, revision));
	else if (revisionOf(newest) !== revision) await cluster.update(revisedTo(newest, revision));
	if (revisionOf(deployment) === revision) return deployment;
	// By way of the status, which may change annotations and, unlike an update, leaves the generation alone.
	const updated = await cluster.updateStatus(revisedTo(deployment, revision));
	return isDeployment(updated) ? updated : deployment;
};

const newSet = (deployment: Deployment, revision: number): KubeObject => {
	const { template, selector, minReadySeconds } = deployment.spec;
	const hash = templateHash(template);
	const labels = { ...template.metadata?.labels, [HASH]: hash };
	const set: KubeObject = {
		apiVersion: "apps/v1",
		kind: "ReplicaSet",
		metadata: {
			name: `${deployment.metadata.name}-${hash}`,
			namespace: deployment.metadata.namespace ?? "",
			labels,
			ownerReferences: [controllerReference(deployment)],
		},
		spec: {
			replicas: 0,
			...(minReadySeconds !== undefined && { minReadySeconds }),
			selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
			template: { ...template, metadata: { ...template.metadata, labels } },
		},
	};
	return revisedTo(set, revision);
};

const forgetOldest = async (cluster: Cluster, deployment: Deployment, older: readonly ReplicaSet[]): Promise<void> => {
	const idle = older.filter((set) => replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0);
	const limit = deployment.spec.revisionHistoryLimit ?? 10;
	const surplus = idle.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, idle.length - limit));
	for (const set of surplus) await cluster.remove(set);
};
