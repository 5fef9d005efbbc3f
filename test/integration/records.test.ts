import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { DIALECTS } from "../dialects.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { type Line, METACONTROLLER, type Spec, startLine } from "./line.ts";

// A stack's control plane that keeps its records, on the real API server and its controllers.

const TIMEOUT = 120_000;
/** The two lines run side by side, and the tests of each one after the other. */
const IN_TURN = { timeout: TIMEOUT, concurrent: false };

const object = (kind: string, name: string, spec: Spec): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace: "default" },
	spec,
});

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.concurrent.each(DIALECTS)("records of a control plane that speaks %s", (adminDialect) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER, adminDialect });
		await line.apply(object("PrismStack", "shop", { admin: { enabled: true } }));
		await line.apply(object("PrismNamespace", "orders", { proxyRef: { name: "shop-proxy" } }));
		await line.untilReady("PrismNamespace", "orders");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const admin = (change: Spec) =>
		line.edit("PrismStack", "shop", (spec) => ({ ...spec, admin: { ...(spec["admin"] as Spec), ...change } }));
	/** Names of the namespaces that a control plane knows. */
	const known = (pod: string) =>
		(line.cluster.proxies?.proxy(`default/${pod}`)?.store.list() ?? []).map(({ name }) => name);

	it(
		"are a volume for each of three members once that is asked for, and every namespace is there again",
		IN_TURN,
		async () => {
			const pods = await line.cluster.store.list(await line.resource("Pod"), "default");
			const before = known(String(pods.items.find(isAdmin)?.metadata.name));
			expect(before).toHaveLength(1);
			await admin({ replicas: 3, storage: { size: "1Gi" } });
			await line.untilReady("PrismStack", "shop");
			const set = await line.get("StatefulSet", "shop-admin");
			expect(valueAt(set["status"], "readyReplicas")).toBe(3);
			await expect(line.get("Deployment", "shop-admin")).rejects.toThrow("not there");
			const pod = await line.get("Pod", "shop-admin-1");
			const [container] = recordsAt(pod["spec"], "containers");
			expect(recordsAt(container, "env")).toContainEqual({ name: "PRISM_NODE_ID", value: "1$(PRISM_POD_INDEX)" });
			expect(pod.metadata.labels?.["apps.kubernetes.io/pod-index"]).toBe("1");
			await eventually(async () => expect(known("shop-admin-1")).toEqual(before), 60);
			await line.untilReady("PrismNamespace", "orders");
		},
	);

	it("outlive a pod", IN_TURN, async () => {
		const before = known("shop-admin-0");
		const { uid } = (await line.get("Pod", "shop-admin-0")).metadata;
		await line.cluster.store.delete(await line.resource("Pod"), "default", "shop-admin-0");
		await eventually(async () => {
			expect((await line.get("Pod", "shop-admin-0")).metadata.uid).not.toBe(uid);
			expect(known("shop-admin-0")).toEqual(before);
		}, 60);
		await line.untilReady("PrismStack", "shop");
	});

	it("have the number of members with which they began", IN_TURN, async () => {
		await expect(admin({ replicas: 5 })).rejects.toThrow("replicas can't be changed with storage");
		await expect(admin({ storage: { size: "2Gi" } })).rejects.toThrow("size can't be changed");
	});

	it("are given up for a Deployment without a volume, and the volumes stay", IN_TURN, async () => {
		await admin({ replicas: 1, storage: undefined });
		await line.untilReady("PrismStack", "shop");
		await line.untilReady("PrismNamespace", "orders");
		const deployment = await line.get("Deployment", "shop-admin");
		expect(valueAt(deployment["spec"], "strategy")).toEqual({ type: "Recreate" });
		await expect(line.get("StatefulSet", "shop-admin")).rejects.toThrow("not there");
		expect(await line.get("PersistentVolumeClaim", "data-shop-admin-2")).toBeDefined();
	});
});

const isAdmin = ({ metadata }: KubeObject): boolean => metadata.labels?.["app"] === "prism-admin";
