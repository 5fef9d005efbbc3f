import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmulatedProxy } from "../../devcluster/proxy/service.ts";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { DIALECTS } from "../dialects.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, startLine } from "./line.ts";

// Tenants of a stack with a control plane: one with the manners of the prism-admin that exists, and one that keeps to the contract and
// can be read back. On every line, over gRPC. Nearly all of it is waiting, so that they run side by side, and the tests of each
// one after the other.

/** Instead of minutes, so that a reminder can be waited for. */
const REMINDER_SECONDS = 6;
/** Each is a handful of writes, and a real API server shares this machine with all else. */
const MANY = { memory: 300, local: 60 };

const stack: KubeObject = {
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "shop" },
	spec: { proxy: { replicas: 2 }, admin: { enabled: true } },
};

const tenant = (name: string, spec: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismNamespace",
	metadata: { name },
	spec: { proxyRef: { name: "shop-proxy" }, quotas: { maxKeys: 10 }, ...spec },
});

const CASES = LINES.flatMap((options) => DIALECTS.map((dialect) => ({ ...options, dialect })));

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.concurrent.each(CASES)("a control plane that speaks $dialect: $line", ({ dialect, ...options }) => {
	let line: Line;
	const isReal = dialect === "prism-admin";
	const many = MANY[options.name];

	beforeAll(async () => {
		line = await startLine({
			...options,
			adminDialect: dialect,
			// Reminders alone bring back what can't be read; what can is found by reading.
			resyncSeconds: isReal ? 60 : 15,
			environment: { PRISM_REMINDER_SECONDS: String(REMINDER_SECONDS) },
		});
		await line.apply(stack);
		await line.untilReady("PrismStack", "shop");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const admin = async (): Promise<EmulatedProxy> => {
		const { spec } = await line.get("PrismRoster", "shop-proxy");
		const { controlPlane } = spec as { controlPlane: { instances: { name: string }[] } };
		const found = line.cluster.proxies?.proxy(`default/${controlPlane.instances[0]?.name}`);
		if (found === undefined) throw new Error("no control plane runs");
		return found;
	};
	const limitOf = ({ store }: EmulatedProxy, id: string) => store.get(id)?.config.metadata?.["max_keys"];
	const ready = async (name: string) => conditionOf(await line.get("PrismNamespace", name), "Ready");
	const remove = async (name: string) =>
		line.cluster.store.delete(await line.resource("PrismNamespace"), "default", name);

	it("is sent a namespace, and the conditions say what is known", { timeout: 120_000, concurrent: false }, async () => {
		await line.apply(tenant("acme", { namespaceId: "acme-prod" }));
		const object = await line.untilReady("PrismNamespace", "acme");
		expect(limitOf(await admin(), "acme-prod")).toBe("10");
		const said = ["Ready", "Provisioned", "QuotasEnforced"].map((type) => {
			const { status, reason } = conditionOf(object, type) ?? {};
			return `${type} ${status} ${reason}`;
		});
		expect(said).toEqual(
			isReal
				? ["Ready True Unverified", "Provisioned Unknown Unverified", "QuotasEnforced Unknown Unverified"]
				: ["Ready True NamespaceReady", "Provisioned True NamespaceCreated", "QuotasEnforced True QuotasApplied"],
		);
		const status = object["status"] as { health: string; prismInstances: string[]; assignedProxy: string };
		expect(status.health).toBe(isReal ? "Unknown" : "Healthy");
		expect(status.prismInstances).toEqual([isReal ? status.assignedProxy : "shop-admin"]);
	});

	it("gets every edit", { timeout: 60_000, concurrent: false }, async () => {
		await line.edit("PrismNamespace", "acme", (spec) => ({ ...spec, quotas: { maxKeys: 11 } }));
		await line.untilReady("PrismNamespace", "acme");
		expect(limitOf(await admin(), "acme-prod")).toBe("11");
	});

	it("refuses in its own words, and gets the edit once it takes it", {
		timeout: 120_000,
		concurrent: false,
	}, async () => {
		const plane = await admin();
		plane.faults.set("ControlPlane", { kind: "refusing", message: "no room on this disk" });
		await line.edit("PrismNamespace", "acme", (spec) => ({ ...spec, quotas: { maxKeys: 12 } }));
		await eventually(
			async () =>
				expect(await ready("acme")).toMatchObject({
					status: "False",
					reason: "ProvisioningRefused",
					message: "Rejected by instances: shop-admin: no room on this disk",
				}),
			60,
		);
		expect(limitOf(plane, "acme-prod")).toBe("11");
		plane.faults.clear();
		await line.untilReady("PrismNamespace", "acme");
		expect(limitOf(plane, "acme-prod")).toBe("12");
		await line.edit("PrismNamespace", "acme", (spec) => ({ ...spec, quotas: { maxKeys: 11 } }));
		await line.untilReady("PrismNamespace", "acme");
	});

	it("has again what was removed behind the operator's back", { timeout: 180_000, concurrent: false }, async () => {
		const { store } = await admin();
		store.remove("acme-prod", "somebody");
		await eventually(async () => expect(limitOf(await admin(), "acme-prod")).toBe("11"), 150);
		await line.untilReady("PrismNamespace", "acme");
	});

	it("has one owner for an identifier, and the other one makes no call", {
		timeout: 120_000,
		concurrent: false,
	}, async () => {
		await line.apply(tenant("usurper", { namespaceId: "acme-prod", quotas: { maxKeys: 99 } }));
		await eventually(async () => expect(await ready("usurper")).toMatchObject({ reason: "NamespaceIdTaken" }), 40);
		await remove("usurper");
		await eventually(() => expect(line.get("PrismNamespace", "usurper")).rejects.toThrow("is not there"), 30);
		expect(limitOf(await admin(), "acme-prod")).toBe("11");
		const config = (await admin()).store.get("acme-prod")?.config.metadata;
		expect(config).toMatchObject({ owner: "default/default/acme" });
		expect(await ready("acme")).toMatchObject({ status: "True" });
	});

	it("is quiet: reminders write no status", { timeout: 60_000, concurrent: false }, async () => {
		const versions = await line.versions([await line.get("PrismNamespace", "acme")]);
		const before = (await admin()).calls("ControlPlane.CreateNamespace");
		await pause(2000 * REMINDER_SECONDS + 2000);
		expect(await line.versions([await line.get("PrismNamespace", "acme")])).toEqual(versions);
		const reminders = (await admin()).calls("ControlPlane.CreateNamespace") - before;
		if (!isReal) return expect(reminders).toBe(0);
		// A reminder comes after three quarters of the period at the soonest.
		expect(reminders).toBeGreaterThanOrEqual(2);
		expect(reminders).toBeLessThanOrEqual(4);
	});

	it("that lets the object go keeps its record where it can't revoke", {
		timeout: 60_000,
		concurrent: false,
	}, async () => {
		const plane = await admin();
		await remove("acme");
		if (isReal)
			await eventually(async () =>
				expect((await ready("acme"))?.message).toBe(
					"The record stays on shop-admin (Namespace revocation not yet implemented), and the object is deleted anyway",
				),
			);
		await eventually(() => expect(line.get("PrismNamespace", "acme")).rejects.toThrow("is not there"), 30);
		expect(plane.store.get("acme-prod") !== undefined).toBe(isReal);
	});

	it("does not hold up a stack that goes: its namespaces go first", {
		timeout: 180_000,
		concurrent: false,
	}, async () => {
		const spec = { admin: { enabled: true }, namespaces: [{ name: "orders" }] };
		await line.apply({ ...stack, metadata: { name: "brief" }, spec });
		await line.untilReady("PrismStack", "brief");
		await line.untilReady("PrismNamespace", "brief-orders");
		await line.cluster.store.delete(await line.resource("PrismStack"), "default", "brief");
		await eventually(async () => {
			await expect(line.get("PrismStack", "brief")).rejects.toThrow("is not there");
			await expect(line.get("PrismNamespace", "brief-orders")).rejects.toThrow("is not there");
		}, 90);
	});

	it(`has all of ${many} namespaces again after it lost its data in the middle of them`, {
		timeout: 300_000,
		concurrent: false,
	}, async () => {
		const names = Array.from({ length: many }, (_, index) => `many-${index}`);
		const applied = Promise.all(names.map((name) => line.apply(tenant(name))));
		const plane = await admin();
		await eventually(async () => expect(plane.store.list().length).toBeGreaterThan(many / 3), 120);
		await line.cluster.proxies?.restart(`default/${plane.name}`, { freshVolume: true });
		await applied;
		const missing = async () => {
			const { store } = await admin();
			return names.filter((name) => store.get(name)?.config.metadata?.["owner"] !== `default/default/${name}`);
		};
		await eventually(async () => expect(await missing()).toEqual([]), 120);
		await eventually(async () => {
			const states = await Promise.all(names.map(async (name) => (await ready(name))?.status));
			expect(states.filter((state) => state !== "True")).toEqual([]);
		}, 120);
	});
});
