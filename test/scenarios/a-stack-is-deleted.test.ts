import { describe, expect, it } from "vitest";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { valueAt } from "../../kube/object.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { NOW, object } from "../hooks/situations.ts";
import { INSTALLATION } from "../installation.ts";

// A stack on its way out: its namespaces are asked to let go first, and it goes when nothing holds it any more.

const SPEC = { proxy: { replicas: 1 }, namespaces: [{ name: "acme", spec: {} }] };
const GOING = { deletionTimestamp: NOW, finalizers: ["f"] };

const namespace: KubeObject = {
	apiVersion: API_VERSION,
	kind: "PrismNamespace",
	metadata: { name: "acme", namespace: "prism" },
};
const roster = (deleting: unknown): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismRoster",
	metadata: { name: "it-proxy", namespace: "prism" },
	spec: { deleting },
});

const leave = (observed: readonly KubeObject[], annotations: Record<string, string> = {}): CompositeResponse => {
	const parent = admitted(prismStack.parent, object("PrismStack", SPEC, { ...GOING, annotations }), NOW);
	const request = { ...syncRequest(parent, prismStack.children, observed, []), finalizing: true };
	return (prismStack.finalize ?? prismStack.sync)(request, { now: NOW, installation: INSTALLATION });
};
const FORCED = { "prism.io/force-delete": "true" };

describe("a stack that is deleted", () => {
	it.each([
		["nothing was made", [], {}, true],
		["a namespace is there", [namespace], {}, false],
		["a namespace is there, and the roster says so", [namespace, roster(true)], {}, false],
		["the roster does not say so yet", [roster(false)], {}, false],
		["the roster says nothing", [{ ...roster(true), spec: undefined }], {}, false],
		["the roster says so", [roster(true)], {}, true],
		["a namespace is there, and it is forced", [namespace, roster(false)], FORCED, true],
		["it is forced by another word", [namespace], { "prism.io/force-delete": "please" }, false],
		["it is paused", [roster(true)], { "prism.io/paused": "true" }, true],
	])("goes or not when %s", (_, observed, annotations, isGone) => {
		const answer = leave(observed, annotations);
		expect(answer.finalized === true).toBe(isGone);
		expect(answer.resyncAfterSeconds).toBe(10);
	});

	it("wants no namespaces any more, and tells by its roster that all of it goes", () => {
		const proxies = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "it-proxy", namespace: "prism" } };
		const { children } = leave([namespace, roster(false), proxies], { "prism.io/paused": "true" });
		expect(children.some(({ kind }) => kind === "PrismNamespace")).toBe(false);
		expect(children.filter(({ kind }) => kind === "Deployment").map(({ metadata: { name } }) => name)).toContain(
			"it-proxy",
		);
		const told = children.find(({ kind }) => kind === "PrismRoster");
		expect(valueAt(told, "spec")).toMatchObject({ accepting: false, draining: true, deleting: true });
	});

	it("says which namespaces it waits for", () => {
		expect(leave([namespace, roster(true)]).status["conditions"]).toMatchObject([
			{ type: "Ready", status: "False", message: expect.stringContaining("acme") as string },
			{ type: "Reconciling" },
		]);
	});
});
