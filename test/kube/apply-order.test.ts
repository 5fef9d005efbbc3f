import { describe, expect, it } from "vitest";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { sendable } from "../../kube/apply-order.ts";
import { withLastApplied } from "../../kube/dynamic-apply.ts";
import { isRecord, objectKey, valueAt } from "../../kube/object.ts";
import { admitted, syncRequest, untilComplete } from "../../kube/offline.ts";
import { secondsAfter } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { conditionsIn, NOW, object } from "../hooks/situations.ts";

const HASH = "prism.io/desired-hash";
const hashed = (kind: string, name: string, hash: string, more: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
	kind,
	metadata: { name, namespace: "prism", annotations: { [HASH]: hash } },
	...more,
});
const reading = (source: Record<string, unknown>, hash: string): KubeObject => {
	const env = [{ name: "A", valueFrom: source }];
	return hashed("Deployment", "it", hash, { spec: { template: { spec: { containers: [{ name: "it", env }] } } } });
};
const mounting = (volume: Record<string, unknown>, hash: string): KubeObject =>
	hashed("Deployment", "it", hash, { spec: { template: { spec: { containers: [], volumes: [volume] } } } });
const mapOf = (children: readonly KubeObject[]) => ({
	"v1.": {},
	"ConfigMap.v1": Object.fromEntries(children.filter(({ kind }) => kind === "ConfigMap").map((c) => [objectKey(c), c])),
	"Secret.v1": Object.fromEntries(children.filter(({ kind }) => kind === "Secret").map((c) => [objectKey(c), c])),
	"Deployment.apps/v1": Object.fromEntries(
		children.filter(({ kind }) => kind === "Deployment").map((c) => [objectKey(c), c]),
	),
});
/** As Metacontroller sends the related objects of kinds whose names are watched. */
const WATCHED = { "Deployment.apps/v1": {}, "ConfigMap.v1": {} };
const sent = (wanted: readonly KubeObject[], observed: readonly KubeObject[]) =>
	sendable(wanted, { parent: object("PatternRunner", {}), children: mapOf(observed), related: WATCHED }, NOW).map(
		({ kind, metadata }) => `${kind} ${metadata.annotations?.[HASH]}`,
	);

const config = (hash: string) => hashed("ConfigMap", "c", hash);
const workload = (hash: string) => mounting({ name: "v", configMap: { name: "c" } }, hash);

describe("a workload that reads a ConfigMap", () => {
	it.each([
		{ reason: "is not created before it", observed: [], sends: ["ConfigMap new"] },
		{ reason: "is created after it", observed: [config("new")], sends: ["ConfigMap new", "Deployment new"] },
		{
			reason: "stays as it is before it is changed",
			observed: [config("old"), workload("old")],
			sends: ["ConfigMap new", "Deployment old"],
		},
		{
			reason: "is changed after it",
			observed: [config("new"), workload("old")],
			sends: ["ConfigMap new", "Deployment new"],
		},
		{
			reason: "is sent as ever when it alone was deleted",
			observed: [workload("new")],
			sends: ["ConfigMap new", "Deployment new"],
		},
	])("$reason", ({ observed, sends }) => {
		expect(sent([config("new"), workload("new")], observed)).toEqual(sends);
	});

	it.each([
		["ConfigMap", reading({ configMapKeyRef: { name: "c", key: "k" } }, "new")],
		["Secret", reading({ secretKeyRef: { name: "c", key: "k" } }, "new")],
		["Secret", mounting({ name: "v", secret: { secretName: "c" } }, "new")],
	])("reads a %s in any way", (kind, reader) => {
		expect(sent([hashed(kind, "c", "new"), reader], [])).toEqual([`${kind} new`]);
	});

	it("does not wait for what is not the object's own", () => {
		expect(sent([config("new"), mounting({ name: "v", configMap: { name: "theirs" } }, "new")], [])).toEqual([
			"ConfigMap new",
			"Deployment new",
		]);
	});
});

describe("where names of children are not watched", () => {
	const deployment = hashed("Deployment", "it", "new");
	const scaler: KubeObject = {
		...hashed("HorizontalPodAutoscaler", "it", "new", { spec: { scaleTargetRef: { kind: "Deployment", name: "it" } } }),
		apiVersion: "autoscaling/v2",
	};
	const scalers = { "HorizontalPodAutoscaler.autoscaling/v2": { "prism/it": scaler } };
	const missing = (seconds: number) => ({
		...object("PatternRunner", {}),
		status: { missing: [{ kind: "Deployment", name: "it", since: secondsAfter(NOW, -seconds) }] },
	});

	it.each([
		{ reason: "is not created before its Deployment is the operator's own", children: {}, sends: ["Deployment"] },
		{
			reason: "is created once it is",
			children: mapOf([deployment]),
			sends: ["Deployment", "HorizontalPodAutoscaler"],
		},
		{
			reason: "stays while the Deployment is created again",
			children: scalers,
			parent: missing(10),
			sends: ["Deployment", "HorizontalPodAutoscaler"],
		},
		{
			reason: "goes once the name seems to be in use",
			children: scalers,
			parent: missing(40),
			sends: ["Deployment"],
		},
	])("an autoscaler $reason", ({ children, parent = object("PatternRunner", {}), sends }) => {
		const answer = sendable([deployment, scaler], { parent, children, related: {} }, NOW);
		expect(answer.map(({ kind }) => kind)).toEqual(sends);
	});
});

describe("a spec of which a child would be too large", () => {
	const installation = {
		imageRegistry: "r",
		imageTag: "v1.0.0",
		clusterId: "c",
		inlineCredentials: false,
		keda: false,
		serviceMonitors: false,
	};
	const runner = (given: unknown) =>
		object("PatternRunner", { pattern: "keyvalue", backend: "memstore", config: given });
	const answerFor = (parent: KubeObject, observed: readonly KubeObject[] = []) =>
		untilComplete(
			syncRequest(admitted(patternRunner.parent, parent, NOW), patternRunner.children, observed, []),
			(request) => patternRunner.sync(request, { now: NOW, installation }),
		);
	const readyOf = (answer: ReturnType<typeof answerFor>) =>
		conditionsIn(answer).find(({ type }) => type === "Ready") ?? {};

	it.each([
		["a long text", { blob: "x".repeat(130_000) }, "spec.config.blob"],
		[
			"many texts",
			Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, "x".repeat(1000)])),
			"spec.config",
		],
		["what Go escapes", { blob: "<".repeat(30_000) }, "spec.config.blob"],
	])("is refused: %s", (_, given, field) => {
		const before = answerFor(runner({ a: 1 })).children.map((child) => withLastApplied(child, child));
		const answer = answerFor(runner(given), before);
		expect(readyOf(answer)["reason"]).toBe("InvalidSpec");
		expect(readyOf(answer)["message"]).toMatch(
			new RegExp(
				`^${field} is too large: ConfigMap it-config would have \\d+ bytes, and at most 256000 can be applied$`,
			),
		);
		expect(answer.children.map(({ kind }) => kind).toSorted()).toEqual(before.map(({ kind }) => kind).toSorted());
	});

	it("counts annotations twice, for they stand beside the copy", () => {
		const annotated = (count: number) => {
			const entries = Array.from({ length: count }, (_, index) => [`example.com/${index}`, "x".repeat(4096)] as const);
			const service = { annotations: Object.fromEntries(entries) };
			return object("PatternRunner", { pattern: "keyvalue", backend: "memstore", service });
		};
		expect(readyOf(answerFor(annotated(32)))["message"]).toMatch(
			/^spec\.service\.annotations is too large: Service it would have \d+ bytes, and at most 256000 can be applied$/,
		);
		expect(readyOf(answerFor(annotated(30)))["reason"]).toBe("Progressing");
	});

	it("is carried out just below", () => {
		const answer = answerFor(runner({ blob: "x".repeat(126_000) }));
		expect(readyOf(answer)["reason"]).toBe("Progressing");
		expect(answer.children.map(({ kind }) => kind)).toContain("ConfigMap");
	});

	it("has more room where the last version was applied by the API server", () => {
		const before = answerFor(runner({ a: 1 })).children;
		expect(before.every(({ metadata }) => metadata.annotations?.[HASH] !== undefined)).toBe(true);
		// Sent by us, and without Metacontroller's copy; a new child has none either, so that only the old ones tell.
		const answer = answerFor(runner({ blob: "x".repeat(200_000) }), before);
		expect(readyOf(answer)["reason"]).not.toBe("InvalidSpec");
	});

	it("is refused of a shard as well", () => {
		const parent = object("PrismShard", { backends: ["redis"], config: { blob: "x".repeat(260_000) } });
		const { status } = prismShard.sync(
			syncRequest(admitted(prismShard.parent, parent, NOW), prismShard.children, [], []),
			{ now: NOW, installation },
		);
		const conditions = valueAt(status, "conditions");
		const ready = Array.isArray(conditions) ? conditions.filter(isRecord).find(({ type }) => type === "Ready") : {};
		expect(ready).toMatchObject({ reason: "InvalidSpec" });
	});
});
