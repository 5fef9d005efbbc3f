import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { podCounts } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { LINES, type Line, type Spec, startLine } from "./line.ts";

// A stack's proxies that keep their ids: they move to a StatefulSet, lose a pod, and move back.

const IN_TURN = { timeout: 150_000, concurrent: false };
const KEPT = ["0", "1", "2"].map((ordinal) => `shop-proxy-${ordinal}`);

const object = (kind: string, name: string, spec: Spec): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace: "default" },
	spec,
});

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.concurrent.each(LINES)("proxies that keep their ids: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine(options);
		const proxy = { replicas: 3 };
		await line.apply(object("PrismStack", "shop", { proxy, admin: { enabled: true, storage: {} } }));
		await line.apply(object("PrismStack", "bare", { proxy, admin: { enabled: false } }));
		await line.apply(object("PrismNamespace", "on-shop", { proxyRef: { name: "shop-proxy" } }));
		await line.apply(object("PrismNamespace", "on-bare", { proxyRef: { name: "bare-proxy" } }));
		for (const name of ["shop", "bare"]) await line.untilReady("PrismStack", name);
		for (const name of ["on-shop", "on-bare"]) await line.untilReady("PrismNamespace", name);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const workload = (stack: string, kind: "Deployment" | "StatefulSet") =>
		line.edit("PrismStack", stack, (spec) => ({ ...spec, proxy: { ...(spec["proxy"] as Spec), workload: kind } }));
	const emulated = (pod: string) => line.cluster.proxies?.proxy(`default/${pod}`);
	const registered = () => emulated("shop-admin-0")?.registry.ids() ?? [];
	const listed = async (stack: string) =>
		recordsAt((await line.get("PrismRoster", `${stack}-proxy`))["spec"], "instances");
	/** The least number of available proxies while something is done. */
	const leastWhile = async (stack: string, deed: () => Promise<unknown>): Promise<number> => {
		const available = new Map<string, number>();
		let least = Number.POSITIVE_INFINITY;
		const stops = await Promise.all(
			["Deployment", "StatefulSet"].map(async (kind) => {
				const informer = await line.cluster.informers.get(await line.resource(kind));
				return informer.subscribe(({ type, object: each }) => {
					if (each.metadata.name !== `${stack}-proxy`) return;
					available.set(kind, type === "DELETED" ? 0 : podCounts(each).available);
					least = Math.min(
						least,
						[...available.values()].reduce((sum, count) => sum + count, 0),
					);
				});
			}),
		);
		await deed();
		for (const stop of stops) stop();
		return least;
	};
	const gone = (kind: string, name: string) =>
		eventually(() => expect(line.get(kind, name)).rejects.toThrow("not there"), 60);
	/** The pod that comes in the place of a deleted one, once its StatefulSet is whole again. */
	const replaced = async (stack: string, ordinal: number) => {
		const pod = `${stack}-proxy-${ordinal}`;
		const { uid } = (await line.get("Pod", pod)).metadata;
		await line.cluster.store.delete(await line.resource("Pod"), "default", pod);
		const next = await eventually(async () => {
			const found = await line.get("Pod", pod);
			expect(found.metadata.uid).not.toBe(uid);
			expect((await listed(stack)).find(({ name }) => name === pod)).toMatchObject({
				uid: found.metadata.uid,
				ready: true,
			});
			return found;
		}, 60);
		await eventually(
			async () => expect(podCounts(await line.get("StatefulSet", `${stack}-proxy`)).available).toBe(3),
			60,
		);
		return next;
	};

	it.each(["shop", "bare"])("the proxies of %s move to a StatefulSet, and never are fewer", IN_TURN, async (stack) => {
		const least = await leastWhile(stack, async () => {
			await workload(stack, "StatefulSet");
			await gone("Deployment", `${stack}-proxy`);
			await line.untilReady("PrismStack", stack);
		});
		expect(least).toBeGreaterThanOrEqual(3);
		await line.untilReady("PrismNamespace", `on-${stack}`);
		await eventually(async () =>
			expect((await listed(stack)).map(({ name, ready }) => `${String(name)} ${String(ready)}`).toSorted()).toEqual(
				["0", "1", "2"].map((ordinal) => `${stack}-proxy-${ordinal} true`),
			),
		);
		// They are found by their names.
		expect((await listed(stack)).every((instance) => !("host" in instance))).toBe(true);
	});

	it("a pod that is replaced registers under the id that it had", IN_TURN, async () => {
		await eventually(async () => expect(registered()).toEqual(expect.arrayContaining(KEPT)));
		const before = registered();
		const pod = await replaced("shop", 1);
		const [container] = recordsAt(pod["spec"], "containers");
		const id = recordsAt(container, "env").find(({ name }) => name === "PRISM_PROXY_ID");
		expect(valueAt(id, "valueFrom", "fieldRef", "fieldPath")).toBe("metadata.name");
		await line.untilReady("PrismStack", "shop");
		await eventually(async () => expect(emulated("shop-proxy-1")).toBeDefined());
		expect(registered()).toEqual(before);
	});

	it("a pod that is replaced receives its namespaces under the name that it had", IN_TURN, async () => {
		await replaced("bare", 1);
		await eventually(async () => expect(emulated("bare-proxy-1")?.store.list()).toHaveLength(1), 60);
		await line.untilReady("PrismNamespace", "on-bare");
		await line.untilReady("PrismStack", "bare");
	});

	it("the proxies move back, and never are fewer", IN_TURN, async () => {
		const least = await leastWhile("bare", async () => {
			await workload("bare", "Deployment");
			await gone("StatefulSet", "bare-proxy");
			await line.untilReady("PrismStack", "bare");
		});
		expect(least).toBeGreaterThanOrEqual(3);
		await line.untilReady("PrismNamespace", "on-bare");
	});
});
