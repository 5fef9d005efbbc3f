import { Value } from "@sinclair/typebox/value";
import { describe, expect, it } from "vitest";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { Installation } from "../../schemas/installation.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";

// The clock and the settings of the installation are arguments, so each test sets them.
const context = { now: "2026-01-01T00:00:00Z", installation: Value.Create(Installation) };

// A runner as the API server stores it: with namespace, generation, and defaults of the spec.
const runner = (spec: Record<string, unknown>): KubeObject =>
	admitted(
		PatternRunner,
		{ apiVersion: "prism.io/v1alpha1", kind: "PatternRunner", metadata: { name: "orders", namespace: "shop" }, spec },
		context.now,
	);

// One call of the hook, with observed children.
const sync = (parent: KubeObject, observed: readonly KubeObject[] = []) =>
	patternRunner.sync(syncRequest(parent, patternRunner.children, observed, []), context);

const readyOf = (status: Record<string, unknown>) =>
	(status["conditions"] as { type: string; status: string; reason: string; message: string }[]).find(
		({ type }) => type === "Ready",
	);

describe("a runner", () => {
	const orders = runner({ pattern: "queue", backend: "memstore", replicas: 2 });

	it("becomes a Deployment and a Service of its name", () => {
		const { children } = sync(orders);
		expect(children.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
			expect.arrayContaining(["Deployment orders", "Service orders"]),
		);
		expect(children[0]).toMatchObject({ kind: "Deployment", spec: { replicas: 2 } });
	});

	it("is not ready before its children were observed", () => {
		expect(readyOf(sync(orders).status)).toMatchObject({ status: "False", reason: "Progressing" });
	});

	it("is ready once its children are ready", () => {
		const observed = sync(orders).children.map((child) =>
			child.kind === "Deployment"
				? {
						...child,
						metadata: { ...child.metadata, generation: 1 },
						status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
					}
				: child,
		);
		expect(readyOf(sync(orders, observed).status)).toMatchObject({ status: "True", reason: "DeploymentReady" });
	});

	it("keeps its children when its spec is invalid", () => {
		const before = sync(orders).children;
		const wrong = runner({ pattern: "queue", backend: "redis", config: { url: "redis://app:secret@redis:6379" } });
		const { status, children } = sync(wrong, before);
		expect(readyOf(status)).toMatchObject({ status: "False", reason: "InlineCredentials" });
		expect(children.map(({ kind }) => kind).toSorted()).toEqual(before.map(({ kind }) => kind).toSorted());
	});

	it("returns the same result for the same request, and does not change the request", () => {
		const request = syncRequest(orders, patternRunner.children, [], []);
		const copy = structuredClone(request);
		expect(patternRunner.sync(request, context)).toEqual(patternRunner.sync(request, context));
		expect(request).toEqual(copy);
	});
});

describe("a namespace", () => {
	// A hook that calls proxies has three stages. The responses of proxies are arguments too: this test makes no network call.
	it("asks no proxy before it has a placement", () => {
		const object = admitted(
			PrismNamespace,
			{
				apiVersion: "prism.io/v1alpha1",
				kind: "PrismNamespace",
				metadata: { name: "acme", namespace: "shop" },
				spec: { backend: "postgres" },
			},
			context.now,
		);
		const request = { controller: {}, object, attachments: {}, related: {}, finalizing: false };
		const prepared = prismNamespace.prepare?.(request, context);
		expect(prepared?.questions).toEqual([]);
		expect(prepared?.decide?.([])).toEqual([]);
		const { status } = prepared?.sync({ answers: [], results: [] }) ?? {};
		expect(readyOf(status ?? {})).toMatchObject({ status: "False", reason: "NoMatchingShard" });
	});
});
