import { describe, expect, it } from "vitest";
import { prismStack } from "../../../hooks/prismstack/index.ts";
import { admitted, syncRequest } from "../../../kube/offline.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { PrismStack } from "../../../schemas/prismstack.ts";
import { INSTALLATION } from "../../installation.ts";
import { NOW, object } from "../situations.ts";

const CONTEXT = { now: NOW, installation: INSTALLATION };
const requestFor = (spec: object, observed: readonly KubeObject[] = [], metadata: object = {}) => ({
	...syncRequest(admitted(PrismStack, object("PrismStack", spec, metadata), NOW), prismStack.children, observed, []),
	finalizing: "deletionTimestamp" in metadata,
});
const GOING = { deletionTimestamp: NOW };
const NAMESPACE = object("PrismNamespace", {}, { name: "it-acme" });
const STACK = { namespaces: [{ name: "acme" }] };

describe("a stack that is being deleted", () => {
	const finalized = (observed: readonly KubeObject[], metadata: object = {}) => {
		const { finalize } = prismStack;
		if (finalize === undefined) throw new Error("no finalize");
		return finalize(requestFor(STACK, observed, { ...GOING, ...metadata }), CONTEXT);
	};
	const kept = prismStack.sync(requestFor(STACK), CONTEXT).children;

	it("drops its namespaces first, and keeps the rest with a roster that is leaving", () => {
		const { children, finalized: isDone, status } = finalized([...kept, NAMESPACE]);
		expect(children.map(({ kind }) => kind)).not.toContain("PrismNamespace");
		expect(children.map(({ kind }) => kind)).toContain("Deployment");
		expect(children.find(({ kind }) => kind === "PrismRoster")?.["spec"]).toMatchObject({ deleting: true });
		expect(isDone).toBeUndefined();
		expect(status).toMatchObject({ phase: "Terminating" });
	});

	it("is done once there are none, and its roster says so", () => {
		expect(finalized(kept.filter(({ kind }) => kind !== "PrismNamespace")).finalized).toBeUndefined();
		expect(finalized(finalized(kept).children).finalized).toBe(true);
	});

	it("is done at once where it is forced, and not held up by a pause", () => {
		expect(finalized([NAMESPACE], { annotations: { "prism.io/force-delete": "true" } }).finalized).toBe(true);
		const paused = finalized([...kept, NAMESPACE], { annotations: { "prism.io/paused": "true" } });
		expect(paused.children.map(({ kind }) => kind)).not.toContain("PrismNamespace");
	});

	it("asks nobody, and finds that it is leaving", () => {
		expect(prismStack.prepare?.(requestFor(STACK, [], GOING), CONTEXT).questions).toEqual([]);
		const { verdict } = prismStack.found(requestFor(STACK, [NAMESPACE], GOING), CONTEXT);
		expect(verdict.finding).toMatchObject({ reason: "Terminating", namespaces: ["it-acme"] });
	});
});

it.each([
	["proxies only", {}, ["endpointslices"]],
	["a control plane", { admin: { enabled: true } }, ["endpointslices", "endpointslices"]],
	[
		"volumes of a class",
		{ admin: { enabled: true, storage: { size: "1Gi", storageClassName: "fast" } } },
		["endpointslices", "endpointslices", "persistentvolumeclaims", "storageclasses"],
	],
	[
		"a claim of the user's",
		{ proxy: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "mine" } }] } },
		["endpointslices", "persistentvolumeclaims"],
	],
])("relates to what a stack with %s depends on", (_what, spec, resources) => {
	const { relatedResources } = prismStack.customize?.({ controller: {}, parent: object("PrismStack", spec) }) ?? {};
	expect(relatedResources?.map(({ resource }) => resource).toSorted()).toEqual(resources);
});

it("keeps the children of a spec that is refused", () => {
	const { children } = prismStack.sync(requestFor({}), CONTEXT);
	const answer = prismStack.sync(requestFor({ proxy: { port: 0 } }, children), CONTEXT);
	expect(answer.children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()).toEqual(
		children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(),
	);
	expect(answer.status).toMatchObject({ phase: "Failed" });
});
