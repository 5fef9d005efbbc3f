import { describe, expect, it } from "vitest";
import { describeObject } from "../../../kube/object.ts";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { clusterChanges } from "../../../plugin/diff/cluster.ts";
import { diffText } from "../../../plugin/diff/text.ts";
import { paintOf } from "../../../plugin/text/paint.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { readConfig } from "../../../server/config.ts";
import { rewritten } from "../../laws/admission.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { other, ours, ownedBy } from "../world.ts";

const CONTEXT = { now: "2026-01-01T00:00:00Z", installation: readConfig({}).installation };
const TERMINAL = paintOf({ color: false, columns: 80 });

const names = (changes: readonly { what: string; object: KubeObject }[]) =>
	changes.map(({ what, object }) => `${what} ${describeObject(object)}`);

describe("against a cluster", () => {
	const runner = (spec: Record<string, unknown>): KubeObject =>
		ours("PatternRunner", "orders", {
			spec: { pattern: "keyvalue", backend: "memstore", ...spec },
			metadata: { uid: "runner" },
		});
	/** The children as a cluster has them: with an owner, defaults and status that nobody sent. */
	const stored = async (parent: KubeObject): Promise<KubeObject[]> => {
		const empty = viewOf({ objects: [], now: CONTEXT.now });
		const changes = await clusterChanges(
			{ kubectl: fakeKubectl({ objects: [] }), view: empty, context: CONTEXT },
			parent,
		);
		return changes
			.filter(({ object }) => object.kind !== "PatternRunner")
			.map(({ object }) => ({
				...object,
				metadata: {
					...object.metadata,
					...ownedBy(parent),
					labels: { ...object.metadata.labels, "controller-uid": "runner" },
					resourceVersion: "7",
					managedFields: [{}],
				},
				spec: {
					...(object["spec"] as object),
					revisionHistoryLimit: 10,
					...(object.kind === "Service" && { clusterIP: "10.96.0.7" }),
				},
				status: { replicas: 1 },
			}));
	};
	const against = async (objects: readonly KubeObject[], wanted: KubeObject, admission?: World["admission"]) =>
		clusterChanges(
			{
				kubectl: fakeKubectl({ objects, ...(admission && { admission }) }),
				view: viewOf({ objects, now: CONTEXT.now }),
				context: CONTEXT,
			},
			wanted,
		);

	it("finds nothing to change in what is as it should be, whatever the API server added", async () => {
		const parent = runner({});
		expect(names(await against([parent, ...(await stored(parent))], parent))).toEqual([]);
	});

	it("tells of each child what would change", async () => {
		const parent = runner({});
		const changes = await against(
			[parent, ...(await stored(parent))],
			runner({ image: "keyvalue-runner:v2", config: { ttl: "1h" }, replicas: 2 }),
		);
		expect(names(changes)).toEqual([
			"changed PatternRunner shop/orders",
			"changed Deployment shop/orders",
			"created ConfigMap shop/orders-config",
		]);
		expect(changes[1]?.notes).toEqual(["its pods are replaced, because their configuration changes", "1 → 2 replicas"]);
	});

	it("finds nothing to change in what admission changes back", async () => {
		const parent = runner({ resources: { requests: { cpu: "100m" } } });
		const there = (await stored(parent)).map(rewritten);
		expect(names(await against([parent, ...there], parent, rewritten))).toEqual([]);
		expect(names(await against([parent, ...there], parent))).toEqual(["changed Deployment shop/orders"]);
	});

	it("tells of a change that the API server refuses", async () => {
		const parent = runner({});
		const changes = await against([parent, ...(await stored(parent))], runner({ image: "keyvalue-runner:v2" }), () => {
			return 'The Deployment "orders" is invalid: spec.template: not today';
		});
		expect(changes[1]?.notes.at(-1)).toBe(
			'rejected by the API server: The Deployment "orders" is invalid: spec.template: not today',
		);
	});

	it("tells of a child that goes", async () => {
		const parent = runner({ config: { ttl: "1h" } });
		expect(names(await against([parent, ...(await stored(parent))], runner({})))).toContain(
			"deleted ConfigMap shop/orders-config",
		);
	});

	it("reports a name in use by another owner", async () => {
		const theirs = other("v1", "ConfigMap", "orders-config");
		const parent = runner({});
		const changes = await against([parent, ...(await stored(parent)), theirs], runner({ config: { ttl: "1h" } }));
		expect(changes.find(({ what }) => what === "blocked")).toMatchObject({
			object: { metadata: { name: "orders-config" } },
		});
		expect(diffText(changes, TERMINAL).join("\n").replaceAll(/\s+/g, " ")).toContain(
			"of this name has another owner: the operator does not change it",
		);
	});
});
