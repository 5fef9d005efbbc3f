import { describe, expect, it } from "vitest";
import { composite, configMap, mapsOf, Reply, startBench, type ToyHook, thing } from "./bench.ts";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const sync = mapsOf;
const controllers = [composite(["sync"])];
const one = thing("one", { maps: { first: { a: "1" } } });

describe("a hook", () => {
	it("that answers an error is retried with back-off, and its body is an Event that counts", async () => {
		let broken = true;
		const flaky: ToyHook = (body) => (broken ? new Reply({ status: 500, body: "the hook is out" }) : sync(body));
		const bench = await startBench({ controllers, hooks: { "/sync": flaky }, objects: [one] });
		await bench.clock.advance(20);
		const [event, ...others] = await bench.list("Event");
		expect(others).toEqual([]);
		expect(event).toMatchObject({ count: 3, message: matching(/^Sync error: .*500.*the hook is out/) });
		broken = false;
		await bench.clock.advance(100);
		expect(await bench.get("ConfigMap", "first")).toBeDefined();
		expect(bench.metacontroller.stats.errors).toBe(3);
	});

	it("that knows a field which Metacontroller does not know has its answer thrown away", async () => {
		const bench = await startBench({
			controllers,
			hooks: { "/sync": (body) => ({ ...sync(body), reason: "because" }) },
			objects: [one],
		});
		expect(await bench.list("ConfigMap")).toEqual([]);
		expect((await bench.list("Event"))[0]?.["message"]).toContain('unknown field "reason"');
	});

	it("gets an entry for every declared child kind, and keys with and without a namespace", async () => {
		const bench = await startBench({
			controllers: [
				composite(["sync"], "InPlace", {
					parentResource: { apiVersion: "test.prism.io/v1", resource: "realms" },
					childResources: [
						{ apiVersion: "v1", resource: "namespaces" },
						{ apiVersion: "apps/v1", resource: "deployments" },
						{ apiVersion: "v1", resource: "configmaps" },
					],
				}),
			],
			hooks: {
				"/sync": () => ({
					children: [
						{ apiVersion: "v1", kind: "Namespace", metadata: { name: "made" } },
						configMap("far", {}, { namespace: "kube-system" }),
					],
				}),
			},
			objects: [{ apiVersion: "test.prism.io/v1", kind: "Realm", metadata: { name: "all" } }],
		});
		const seen = bench.calls.at(-1)?.body;
		expect(
			Object.fromEntries(Object.entries(seen?.children ?? {}).map(([kind, group]) => [kind, Object.keys(group)])),
		).toEqual({
			"ConfigMap.v1": ["kube-system/far"],
			"Deployment.apps/v1": [],
			"Namespace.v1": ["made"],
		});
		expect(seen).toMatchObject({ related: {}, finalizing: false, controller: { status: {} } });
	});
});
