import { describe, expect, test } from "vitest";
import type { Pod } from "../../../devcluster/controllers/workloads/shapes.ts";
import { environmentOf, filesOf, problemOf, unmountable } from "../../../devcluster/kubelet/references.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import type { Store } from "../../../devcluster/store.ts";
import { createManualClock } from "../../clock.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const pod = (volumes: Pod["spec"]["volumes"] = []): Pod => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo", namespace: "default" },
	spec: { containers: [], volumes },
});

const stored = async () => {
	const store = createMemoryStore({ clock: createManualClock(), kinds: [] });
	const metadata = { name: "own", namespace: "default" };
	await store.create({
		apiVersion: "v1",
		kind: "Secret",
		metadata,
		data: { password: base64("s3cret"), user: base64("ann") },
	});
	await store.create({
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata,
		data: { host: "db" },
		binaryData: { key: base64("bytes") },
	});
	return store;
};
const resolved = async (container: object) => environmentOf(await stored(), pod(), { name: "c", ...container });
const problem = async (container: object) => problemOf(resolved(container));
const keyRef = (kind: string, fields: object) => ({
	env: [{ name: "A", valueFrom: { [`${kind}KeyRef`]: { name: "own", ...fields } } }],
});

describe("the environment of a container", () => {
	test.each<[string, object, Record<string, string>]>([
		["is empty", {}, {}],
		["has values", { env: [{ name: "A", value: "1" }, { name: "B" }] }, { A: "1" }],
		["has keys of a Secret, decoded", keyRef("secret", { key: "password" }), { A: "s3cret" }],
		["has keys of a ConfigMap", keyRef("configMap", { key: "host" }), { A: "db" }],
		["has binary keys", keyRef("configMap", { key: "key" }), { A: "bytes" }],
		[
			"has fields of the pod",
			{ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
			{ A: "demo" },
		],
		[
			"lacks fields that the pod lacks",
			{ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }] },
			{},
		],
		[
			"has all keys, with a prefix",
			{ envFrom: [{ prefix: "X_", secretRef: { name: "own" } }] },
			{ X_password: "s3cret", X_user: "ann" },
		],
		[
			"has variables before those of an object",
			{ envFrom: [{ secretRef: { name: "own" } }], env: [{ name: "user", value: "bob" }] },
			{ password: "s3cret", user: "bob" },
		],
		["lacks an optional key", keyRef("secret", { key: "none", optional: true }), {}],
		["lacks an optional object", keyRef("secret", { name: "none", key: "a", optional: true }), {}],
		["lacks all keys of an optional object", { envFrom: [{ configMapRef: { name: "none", optional: true } }] }, {}],
	])("%s", async (_, container, variables) => {
		expect(await resolved(container)).toEqual(variables);
	});

	test.each([
		["an object", keyRef("secret", { name: "none", key: "a" }), 'secret "none" not found'],
		["a key", keyRef("configMap", { key: "none" }), "couldn't find key none in ConfigMap default/own"],
		["an object as a whole", { envFrom: [{ configMapRef: { name: "none" } }] }, 'configmap "none" not found'],
	])("can't be had without %s", async (_, container, message) => {
		expect(await problem(container)).toBe(message);
	});

	test("each object is read once, and another error than a missing object is no missing reference", async () => {
		const store = await stored();
		const read: string[] = [];
		const counting: Store = {
			...store,
			get: (resource, namespace, name) => {
				read.push(name);
				return store.get(resource, namespace, name);
			},
		};
		const env = ["password", "user"].map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: "own", key } } }));
		const container = { env };
		await environmentOf(counting, pod(), { name: "c", ...container });
		expect(read).toEqual(["own"]);
		const broken = { ...store, get: () => Promise.reject(new Error("no connection")) };
		await expect(problemOf(environmentOf(broken, pod(), { name: "c", ...container }))).rejects.toThrow("no connection");
	});
});

describe("a volume", () => {
	test.each<[string, Record<string, unknown>, Record<string, string> | undefined]>([
		["of another kind", { emptyDir: {} }, undefined],
		["of a Secret", { secret: { secretName: "own" } }, { password: "s3cret", user: "ann" }],
		["of some keys", { secret: { secretName: "own", items: [{ key: "user", path: "a/b" }] } }, { "a/b": "ann" }],
		["of an optional object", { configMap: { name: "none", optional: true } }, {}],
		["of an optional key", { configMap: { name: "own", optional: true, items: [{ key: "none", path: "a" }] } }, {}],
		[
			"of several sources",
			{
				projected: {
					sources: [{ secret: { name: "own", items: [{ key: "user", path: "u" }] } }, { configMap: { name: "own" } }],
				},
			},
			{ u: "ann", host: "db", key: "bytes" },
		],
	])("%s", async (_, volume, files) => {
		expect(await filesOf(await stored(), pod(), { name: "v", ...volume })).toEqual(files);
	});

	test.each([
		[[], undefined],
		[[{ name: "v", emptyDir: {} }], undefined],
		[
			[
				{ name: "a", emptyDir: {} },
				{ name: "v", secret: { secretName: "none" } },
			],
			'secret "none" not found',
		],
		[
			[{ name: "v", configMap: { name: "own", items: [{ key: "none", path: "a" }] } }],
			"non-existent configmap key: none",
		],
	])("of %o is mounted, or the pod waits for it", async (volumes, message) => {
		const found = await unmountable(await stored(), pod(volumes));
		if (message === undefined) expect(found).toBeUndefined();
		else for (const part of ['"v"', message]) expect(found).toContain(part);
	});
});
