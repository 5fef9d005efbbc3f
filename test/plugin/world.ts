import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Condition, KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

// Builders of what a cluster in trouble looks like, and the comparison with what is printed about it.

export const NOW = "2026-01-01T12:00:00Z";
export const MINUTES_AGO = "2026-01-01T11:48:00Z";
export const HOURS_AGO = "2026-01-01T07:30:00Z";

const GOLDEN = join(import.meta.dirname, "golden");

/** Compares with a golden file; UPDATE=1 writes it. The difference is then for a person to judge. */
export const expectGolden = (name: string, text: string): void => {
	const path = join(GOLDEN, `${name}.txt`);
	if (process.env["UPDATE"] === "1") writeFileSync(path, text);
	expect(text).toBe(readFileSync(path, "utf8"));
};

type Metadata = Partial<KubeObject["metadata"]>;

let uids = 0;
const made = (
	apiVersion: string,
	kind: string,
	name: string,
	metadata: Metadata,
	fields: Record<string, unknown>,
): KubeObject => {
	uids += 1;
	return {
		apiVersion,
		kind,
		metadata: {
			name,
			namespace: "shop",
			uid: `${kind}-${name}-${uids}`,
			generation: 1,
			creationTimestamp: HOURS_AGO,
			...metadata,
		},
		...fields,
	};
};

export const ownedBy = (owner: KubeObject): Metadata => ({
	ownerReferences: [
		{
			apiVersion: owner.apiVersion,
			kind: owner.kind,
			name: owner.metadata.name,
			uid: owner.metadata.uid ?? "",
			controller: true,
		},
	],
});

const MADE = { labels: { "app.kubernetes.io/managed-by": "prism-operator" } };

export const condition = (
	type: string,
	status: Condition["status"],
	reason: string,
	message: string,
	lastTransitionTime = MINUTES_AGO,
): Condition => ({ type, status, reason, message, lastTransitionTime, observedGeneration: 1 });

interface Told {
	readonly phase?: string;
	readonly conditions?: readonly Condition[];
	readonly status?: Record<string, unknown>;
	readonly metadata?: Metadata;
	readonly spec?: Record<string, unknown>;
}

/** An object of ours that says so of itself. */
export const ours = (
	kind: string,
	name: string,
	{ phase = "Running", conditions = [], status, metadata = {}, spec = {} }: Told = {},
): KubeObject =>
	made(API_VERSION, kind, name, metadata, {
		spec,
		status: { observedGeneration: 1, phase, conditions: [...conditions], ...status },
	});

export const ready = (reason: string, message: string): Told => ({
	conditions: [condition("Ready", "True", reason, message)],
});

export const late = (reason: string, message: string, { stalled = false, phase = "Degraded" } = {}): Told => ({
	phase,
	conditions: [
		condition("Ready", "False", reason, message),
		condition(stalled ? "Stalled" : "Reconciling", "True", reason, message),
	],
});

/** An object of ours that nobody has answered for. */
export const silent = (kind: string, name: string, metadata: Metadata = {}): KubeObject =>
	made(API_VERSION, kind, name, metadata, { spec: {} });

export const deployment = (
	name: string,
	owner: KubeObject,
	available: number,
	replicas: number,
	more: { labels?: Record<string, string>; conditions?: readonly Condition[] } = {},
): KubeObject =>
	made(
		"apps/v1",
		"Deployment",
		name,
		{ ...ownedBy(owner), labels: { ...MADE.labels, ...more.labels } },
		{
			spec: { replicas, selector: { matchLabels: { runner: name } } },
			status: {
				observedGeneration: 1,
				replicas,
				updatedReplicas: replicas,
				readyReplicas: available,
				availableReplicas: available,
				conditions: [...(more.conditions ?? [])],
			},
		},
	);

export const statefulSet = (name: string, owner: KubeObject, ready_: number, replicas: number): KubeObject =>
	made(
		"apps/v1",
		"StatefulSet",
		name,
		{ ...ownedBy(owner), ...MADE },
		{
			spec: { replicas },
			status: {
				observedGeneration: 1,
				replicas,
				updatedReplicas: replicas,
				readyReplicas: ready_,
				availableReplicas: ready_,
			},
		},
	);

export const replicaSet = (name: string, owner: KubeObject, replicas = 1): KubeObject =>
	made("apps/v1", "ReplicaSet", name, { ...ownedBy(owner), ...MADE }, { spec: { replicas }, status: { replicas } });

interface Container {
	readonly name: string;
	readonly image?: string;
	readonly state?: Record<string, unknown>;
	readonly lastState?: Record<string, unknown>;
	readonly restartCount?: number;
	readonly ready?: boolean;
}

interface PodState {
	readonly phase?: string;
	readonly ready?: boolean;
	readonly containers?: readonly Container[];
	readonly conditions?: readonly Record<string, unknown>[];
	readonly metadata?: Metadata;
	readonly status?: Record<string, unknown>;
	readonly spec?: Record<string, unknown>;
}

export const pod = (
	name: string,
	owner: KubeObject,
	{
		phase = "Running",
		ready: isReady = false,
		containers = [],
		conditions = [],
		metadata = {},
		status = {},
		spec = {},
	}: PodState = {},
): KubeObject =>
	made(
		"v1",
		"Pod",
		name,
		{ ...ownedBy(owner), ...MADE, ...metadata },
		{
			spec: { nodeName: "node-7", ...spec },
			status: {
				phase,
				conditions: [
					{ type: "Ready", status: isReady ? "True" : "False", lastTransitionTime: MINUTES_AGO },
					...conditions,
				],
				containerStatuses: containers.map((container) => ({
					image: "ghcr.io/prism/keyvalue-runner:v1.0.0",
					ready: isReady,
					restartCount: 0,
					state: { running: {} },
					...container,
				})),
				...status,
			},
		},
	);

export const waiting = (reason: string, message?: string) => ({
	waiting: { reason, ...(message !== undefined && { message }) },
});

export const event = (
	about: KubeObject,
	reason: string,
	message: string,
	{ at = MINUTES_AGO, count = 1 } = {},
): KubeObject =>
	made(
		"v1",
		"Event",
		`${about.metadata.name}.${reason.toLowerCase()}`,
		{ namespace: about.metadata.namespace ?? "default" },
		{
			involvedObject: {
				apiVersion: about.apiVersion,
				kind: about.kind,
				namespace: about.metadata.namespace,
				name: about.metadata.name,
				uid: about.metadata.uid,
			},
			type: "Warning",
			reason,
			message,
			count,
			firstTimestamp: at,
			lastTimestamp: at,
		},
	);

export const other = (
	apiVersion: string,
	kind: string,
	name: string,
	metadata: Metadata = {},
	fields: Record<string, unknown> = {},
): KubeObject => made(apiVersion, kind, name, metadata, fields);
