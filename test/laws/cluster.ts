import { stringify } from "safe-stable-stringify";
import type { CompositeRow } from "../../kube/hook.ts";
import { isRecord, observedOf } from "../../kube/object.ts";
import { objectMap, syncRequest } from "../../kube/offline.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type { Answer, InstanceAnswer, Outside } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { stagesOf } from "../stages.ts";
import type { Scenario } from "./scenario.ts";

// The world around a hook, as far as a law needs it: Metacontroller's envelope, and an API server with controllers that
// make everything ready at once.

export const LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration";

export const requestOf = (
	row: CompositeRow,
	{ parent, related }: Scenario,
	observed: readonly KubeObject[],
): CompositeRequest => syncRequest(parent, row.children, observed, [...related, ...endpointSlices(observed)]);

/** One round of a hook: sync, or finalize for a parent that is being deleted. */
export const sync = (row: CompositeRow, scenario: Scenario, observed: readonly KubeObject[]): CompositeResponse => {
	const finalizing = scenario.parent.metadata.deletionTimestamp !== undefined;
	const request = { ...requestOf(row, scenario, observed), finalizing };
	const call = finalizing ? (row.finalize ?? row.sync) : row.sync;
	return call(request, scenario.context, outsideOf(row, request, scenario));
};

/** What the outside says to what a hook asks; unless a scenario says otherwise, all is well and nothing is held. */
export const outsideOf = (
	row: CompositeRow,
	request: CompositeRequest,
	{ context, told }: Pick<Scenario, "context" | "told">,
): Outside => {
	const well: InstanceAnswer = {
		state: "known",
		readAt: context.now,
		namespaces: new Map(),
		metrics: { requestsPerSecond: 123.4, p99LatencyMs: 5.67 },
	};
	const answers = stagesOf(row)
		.ask(request, context)
		.map((question): Answer => {
			if (question.about === "namespace") return { question, answer: { state: "unknown", failure: "Unreachable" } };
			const { name } = question.instance;
			return { question, answer: told?.(name) ?? { ...well, storeId: `store-of-${name}` } };
		});
	return { answers, results: [] };
};

/** Who stands behind the headless Services of the StatefulSets: all pods that they are to have, all of them ready. */
export const endpointSlices = (
	observed: readonly KubeObject[],
	isReady: (pod: string) => boolean = () => true,
	uidOf: (pod: string) => string | undefined = () => undefined,
): KubeObject[] =>
	observed.flatMap(({ kind, metadata, spec }) => {
		if (kind !== "StatefulSet" || !isRecord(spec)) return [];
		const pods = Array.from({ length: Number(spec["replicas"] ?? 1) }, (_, ordinal) => `${metadata.name}-${ordinal}`);
		const slice: KubeObject = {
			apiVersion: "discovery.k8s.io/v1",
			kind: "EndpointSlice",
			metadata: {
				name: `${metadata.name}-abc12`,
				...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
				labels: { "kubernetes.io/service-name": String(spec["serviceName"]) },
			},
			endpoints: pods.map((name, index) => ({
				addresses: [`10.0.0.${index % 256}`],
				hostname: name,
				conditions: { ready: true, serving: isReady(name), terminating: false },
				targetRef: { kind: "Pod", name, ...(uidOf(name) !== undefined && { uid: uidOf(name) }) },
			})),
		};
		return [slice];
	});

/** A child as it is read back after it was created or updated: with everything that the cluster adds to it. */
export const stored = (child: KubeObject, parent: KubeObject, before: KubeObject | undefined): KubeObject => {
	const applied = stringify(child) ?? "";
	const { uid = "" } = parent.metadata;
	const changed = before !== undefined && before.metadata.annotations?.[LAST_APPLIED] !== applied;
	const generation = (before?.metadata.generation ?? 1) + (changed ? 1 : 0);
	const spec = isRecord(child["spec"]) ? child["spec"] : undefined;
	return {
		...child,
		metadata: {
			...child.metadata,
			uid: before?.metadata.uid ?? `uid-${child.kind}-${child.metadata.name}`,
			resourceVersion: String(100 + generation),
			generation,
			creationTimestamp: "2026-01-01T00:00:00Z",
			labels: { ...child.metadata.labels, "controller-uid": uid },
			annotations: { ...child.metadata.annotations, [LAST_APPLIED]: applied },
			ownerReferences: [
				{ apiVersion: parent.apiVersion, kind: parent.kind, name: parent.metadata.name, uid, controller: true },
			],
			managedFields: [{ manager: "metacontroller" }],
		},
		...(spec !== undefined && { spec: { ...spec, ...serverDefaults(child.kind) } }),
		...readyStatus(child.kind, spec, generation),
	};
};

const serverDefaults = (kind: string): Record<string, unknown> => {
	if (kind === "Deployment") return { revisionHistoryLimit: 10, progressDeadlineSeconds: 600 };
	if (kind === "StatefulSet") return { revisionHistoryLimit: 10 };
	if (kind === "Service")
		return { sessionAffinity: "None", internalTrafficPolicy: "Cluster", clusterIPs: ["10.0.0.1"] };
	return {};
};

const readyStatus = (kind: string, spec: Record<string, unknown> | undefined, generation: number) => {
	const condition = (type: string, reason: string) => ({
		type,
		status: "True",
		reason,
		message: `${type} as it was made up`,
		lastTransitionTime: "2026-01-01T00:00:00Z",
	});
	const { replicas = 1 } = spec ?? {};
	if (kind === "Deployment")
		return {
			status: {
				observedGeneration: generation,
				replicas,
				updatedReplicas: replicas,
				readyReplicas: replicas,
				availableReplicas: replicas,
				conditions: [
					condition("Available", "MinimumReplicasAvailable"),
					condition("Progressing", "NewReplicaSetAvailable"),
				],
			},
		};
	if (kind === "StatefulSet")
		return {
			status: {
				observedGeneration: generation,
				replicas,
				updatedReplicas: replicas,
				currentReplicas: replicas,
				readyReplicas: replicas,
				availableReplicas: replicas,
				currentRevision: "one",
				updateRevision: "one",
			},
		};
	if (kind === "PatternRunner" || kind === "BackendConfig")
		return {
			status: { observedGeneration: generation, phase: "Running", conditions: [condition("Ready", "DeploymentReady")] },
		};
	return kind === "Service" ? { status: { loadBalancer: {} } } : {};
};

export interface Settled {
	readonly scenario: Scenario;
	readonly observed: readonly KubeObject[];
	readonly answer: CompositeResponse;
	/** Syncs that it took. */
	readonly rounds: number;
}

const MOST_ROUNDS = 8;

/** Syncs until an answer repeats itself, a second each; what is answered is in the cluster at the next sync. */
export const settle = (row: CompositeRow, start: Scenario, present: readonly KubeObject[] = []): Settled => {
	let scenario = start;
	let observed = present;
	let last = "";
	for (let rounds = 1; rounds <= MOST_ROUNDS; rounds += 1) {
		const answer = sync(row, scenario, observed);
		const text = stringify([answer.children, answer.status]) ?? "";
		if (text === last) return { scenario, observed, answer, rounds };
		last = text;
		observed = applied(scenario.parent, observed, answer.children);
		scenario = later({ ...scenario, parent: { ...scenario.parent, status: answer.status } }, 1);
	}
	throw new Error(`no fixed point within ${MOST_ROUNDS} syncs`);
};

/** Deletes the parent, and plays on, a second each, until the hook lets go of it; the answers that it took. */
export const farewell = (
	row: CompositeRow,
	start: Scenario,
	present: readonly KubeObject[],
	annotations: Record<string, string> = {},
): CompositeResponse[] => {
	const { metadata } = start.parent;
	const { now } = start.context;
	const given = { ...metadata, deletionTimestamp: now, annotations: { ...metadata.annotations, ...annotations } };
	let scenario = later({ ...start, parent: { ...start.parent, metadata: given } }, 1);
	let observed = present;
	const answers: CompositeResponse[] = [];
	while (answers.length < MOST_ROUNDS && answers.at(-1)?.finalized !== true) {
		const answer = sync(row, scenario, observed);
		answers.push(answer);
		observed = applied(scenario.parent, observed, answer.children);
		scenario = later({ ...scenario, parent: { ...scenario.parent, status: answer.status } }, 1);
	}
	return answers;
};

/** What is in the cluster once an answer was carried out: what it left out is deleted. */
export const applied = (
	parent: KubeObject,
	observed: readonly KubeObject[],
	children: readonly KubeObject[],
): KubeObject[] => {
	const before = objectMap(observed);
	return children.map((child) => stored(child, parent, observedOf(before, child)));
};

export const later = (scenario: Scenario, seconds: number): Scenario => ({
	...scenario,
	context: { ...scenario.context, now: timestampOf(millisOf(scenario.context.now) + seconds * 1000) },
});

export const titles = (children: readonly KubeObject[]): string[] =>
	children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();

/** Every map with its keys the other way round; lists stay as they are. */
export const reversed = (value: unknown): unknown =>
	isRecord(value)
		? Object.fromEntries(
				Object.entries(value)
					.toReversed()
					.map(([name, field]) => [name, reversed(field)]),
			)
		: value;

/** Throws where a hook would write into what it was given. */
export const deepFrozen = <T>(value: T): T => {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const part of Object.values(value)) deepFrozen(part);
	}
	return value;
};
