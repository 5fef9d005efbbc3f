import { describe, expect, it, test } from "vitest";
import { objectMap } from "../../kube/offline.ts";
import {
	HANDOFF_SECONDS,
	HELD_SECONDS,
	heldSeconds,
	heldStatus,
	type Made,
	revisionOf,
	signature,
	signedChild,
} from "../../kube/revision-handoff.ts";
import { secondsAfter } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Installation } from "../../schemas/installation.ts";

const NOW = "2026-01-01T12:00:00Z";
const ago = (seconds: number) => secondsAfter(NOW, -seconds);
const OWN = { revision: "1.1.0-new", now: NOW };
const OTHER = "1.0.0-old";
const HASH = "example.com/hash";
const SENT_BY = "example.com/sent-by";

const child = (name: string, annotations: Record<string, string>, rest: object = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name, namespace: "n", generation: 1, annotations },
	...rest,
});

const madeOf = (metadata: object, status: unknown, observed: readonly KubeObject[] = []): Made => ({
	parent: {
		apiVersion: "example.com/v1",
		kind: "Thing",
		metadata: { name: "it", namespace: "n", generation: 3, ...metadata },
		...(status !== undefined && { status }),
	},
	observed: objectMap(observed),
	hashAnnotation: HASH,
	signatureAnnotation: SENT_BY,
});

const settled = (operator: unknown) => ({ observedGeneration: 3, ...(operator !== undefined && { operator }) });
const other = (since: string) => ({ revision: OTHER, since });
const sent = (revision: string, since: string) => [child("a", { [HASH]: "1", [SENT_BY]: `${revision} ${since}` })];

describe("what another operator made is left for", () => {
	const cases: readonly [reason: string, made: Made, seconds: number | undefined][] = [
		["two minutes, when it has just signed", madeOf({}, settled(other(NOW))), HANDOFF_SECONDS],
		["what is left of them", madeOf({}, settled(other(ago(119)))), 1],
		["no longer", madeOf({}, settled(other(ago(120)))), undefined],
		["no time, when it was long ago", madeOf({}, settled(other(ago(864_000)))), undefined],
		["no time, when nobody signed", madeOf({}, settled(undefined)), undefined],
		["no time, when nothing was ever said", madeOf({}, undefined), undefined],
		["no time, when it is our own", madeOf({}, settled({ revision: OWN.revision, since: ago(1) })), undefined],
		["no time, when spec was edited since", madeOf({ generation: 4 }, settled(other(ago(1)))), undefined],
		["no time, when it is on its way out", madeOf({ deletionTimestamp: NOW }, settled(other(ago(1)))), undefined],
		["no time, when the time is none", madeOf({}, settled(other("yesterday"))), undefined],
		["no time, when the revision is none", madeOf({}, settled({ revision: 7, since: ago(1) })), undefined],
		["no time, when the signature is a text", madeOf({}, settled(`${OTHER} ${NOW}`)), undefined],
		["longer, when its clock is ahead of ours", madeOf({}, settled(other(ago(-30)))), HANDOFF_SECONDS + 30],
		["no time, when no clock is so far ahead", madeOf({}, settled(other(ago(-121)))), undefined],
		[
			"as long, when a child tells it before the status does",
			madeOf({}, settled(undefined), sent(OTHER, ago(20))),
			100,
		],
		[
			"as long, when we signed before it",
			madeOf({}, settled({ revision: OWN.revision, since: ago(500) }), sent(OTHER, ago(20))),
			100,
		],
		[
			"no time, when we changed a child after it",
			madeOf({}, settled(other(ago(50))), sent(OWN.revision, ago(20))),
			undefined,
		],
		[
			"no time, when a child's signature makes no sense",
			madeOf({}, settled(undefined), sent(OTHER, "soon")),
			undefined,
		],
		["no time, when a child's has no time", madeOf({}, settled(undefined), sent(OTHER, "")), undefined],
	];
	test.each(cases)("%s", (_reason, made, seconds) => {
		expect(heldSeconds(made, OWN)).toBe(seconds);
	});

	it("one of the two, when both signed within one second", () => {
		const both = madeOf({}, settled({ revision: "a", since: ago(5) }), sent("b", ago(5)));
		const held = ["a", "b"].filter((revision) => heldSeconds(both, { revision, now: NOW }) !== undefined);
		expect(held).toHaveLength(1);
	});

	it("no longer than it takes to look again, many times over", () => {
		expect(HELD_SECONDS * 3).toBeLessThan(HANDOFF_SECONDS);
	});
});

describe("a status is signed", () => {
	const status = { observedGeneration: 3, phase: "Running" };
	const same = child("a", { [HASH]: "1" });
	const own = { revision: OWN.revision, since: NOW };
	const cases: readonly [reason: string, made: Made, answer: Parameters<typeof signature>[1], expected: unknown][] = [
		["when it is the first", madeOf({}, undefined), { children: [], status }, own],
		["when it says something else", madeOf({}, { ...status, phase: "Pending" }), { children: [], status }, own],
		["when a child is new", madeOf({}, status), { children: [same], status }, own],
		["when a child is changed", madeOf({}, status, [child("a", { [HASH]: "0" })]), { children: [same], status }, own],
		["when a child is taken away", madeOf({}, status, [same]), { children: [], status }, own],
		[
			"not when a child goes by itself",
			madeOf({}, status, [{ ...same, metadata: { ...same.metadata, deletionTimestamp: NOW } }]),
			{ children: [], status },
			undefined,
		],
		["not when nothing changes", madeOf({}, status, [same]), { children: [same], status }, undefined],
		[
			"by the one that did, when both agree",
			madeOf({}, { ...status, operator: other(ago(900)) }, [same]),
			{ children: [same], status },
			other(ago(900)),
		],
		[
			"anew by another one that does not agree",
			madeOf({}, { ...status, operator: other(ago(900)) }, [child("a", { [HASH]: "0" })]),
			{ children: [same], status },
			own,
		],
		[
			"with the time at which it took over, whatever it changes later",
			madeOf({}, { ...status, operator: { ...own, since: ago(900) } }, [child("a", { [HASH]: "0" })]),
			{ children: [same], status },
			{ ...own, since: ago(900) },
		],
		["not when it is left alone", madeOf({}, status), { children: [], status: undefined }, undefined],
	];
	test.each(cases)("%s", (_reason, made, answer, expected) => {
		expect(signature(made, answer, OWN)).toEqual(expected);
	});
});

describe("a child is signed", () => {
	const wanted = child("a", { [HASH]: "1" });
	const signatureOf = (observed: readonly KubeObject[]) =>
		signedChild(wanted, madeOf({}, undefined, observed), OWN).metadata.annotations?.[SENT_BY];

	it("when it is created, and when it is changed", () => {
		const own = `${OWN.revision} ${NOW}`;
		expect(signatureOf([])).toBe(own);
		expect(signatureOf([child("a", { [HASH]: "0" })])).toBe(own);
		expect(signatureOf([child("a", { [HASH]: "0", [SENT_BY]: `${OTHER} ${ago(900)}` })])).toBe(own);
	});

	it("by nobody else while it stays as it is, for that would be a change", () => {
		expect(signatureOf([child("a", { [HASH]: "1", [SENT_BY]: `${OTHER} ${ago(900)}` })])).toBe(`${OTHER} ${ago(900)}`);
		expect(signatureOf([child("a", { [HASH]: "1" })])).toBeUndefined();
	});
});

describe("the status of what is left alone", () => {
	const condition = (type: string, status: string, reason: string) => ({
		type,
		status,
		reason,
		message: `${reason}, it says`,
		observedGeneration: 3,
		lastTransitionTime: ago(3600),
	});
	const ready = {
		...settled(other(ago(5))),
		phase: "Running",
		message: "DeploymentReady, it says",
		conditions: [condition("Ready", "True", "DeploymentReady"), condition("Warning", "True", "Warnings")],
	};
	const deployment = (available: number, kind = "Deployment"): KubeObject => ({
		...child("a", { [HASH]: "1" }),
		kind,
		spec: { replicas: 2 },
		status: {
			observedGeneration: 1,
			replicas: 2,
			updatedReplicas: 2,
			readyReplicas: available,
			availableReplicas: available,
			conditions: [{ ...condition("Progressing", "True", "NewReplicaSetAvailable") }],
		},
	});
	const statusOf = (status: unknown, observed: KubeObject) => {
		const { status: _status, ...sentAs } = observed;
		return heldStatus(madeOf({}, status, [observed]), [sentAs], NOW);
	};

	it("stands as it is", () => {
		expect(statusOf(ready, deployment(2))).toBe(ready);
		expect(statusOf(undefined, deployment(2))).toEqual({});
		const pending = { ...ready, conditions: [condition("Ready", "False", "Progressing")] };
		expect(statusOf(pending, deployment(0))).toBe(pending);
	});

	it.each(["Deployment", "StatefulSet"])("does not go on saying Ready when pods of its %s fail", (kind) => {
		const status = statusOf(ready, deployment(1, kind));
		const message = `${kind} a: 1 of 2 pods are available`;
		expect(status).toEqual({
			...ready,
			phase: "Degraded",
			message,
			conditions: [
				{ ...condition("Ready", "False", "ReplicasUnavailable"), message, lastTransitionTime: NOW },
				{ ...condition("Reconciling", "True", "ReplicasUnavailable"), message, lastTransitionTime: NOW },
				condition("Warning", "True", "Warnings"),
			],
		});
	});
});

it("a revision names the version and what it is set to, whatever the order", () => {
	const installation: Installation = {
		imageRegistry: "ghcr.io/prism",
		imageTag: "v1.0.0",
		clusterId: "test",
		inlineCredentials: false,
		keda: false,
		serviceMonitors: false,
	};
	const revision = revisionOf("1.2.3", installation);
	expect(revision).toMatch(/^1\.2\.3-[0-9a-f]{8}$/);
	expect(revisionOf("1.2.3", Object.fromEntries(Object.entries(installation).toReversed()) as Installation)).toBe(
		revision,
	);
	expect(revisionOf("1.2.4", installation)).not.toBe(revision);
	for (const [name, value] of Object.entries({ imageTag: "v1.0.1", keda: true, probeImage: "x" }))
		expect(revisionOf("1.2.3", { ...installation, [name]: value }), name).not.toBe(revision);
});
