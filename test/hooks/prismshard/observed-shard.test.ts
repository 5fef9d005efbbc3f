import { describe, expect, it } from "vitest";
import {
	heldNamespaces,
	installedPlugin,
	pluginContainer,
	pluginVariable,
	shardNames,
} from "../../../hooks/prismshard/observed-shard.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { PLUGIN_VERSIONS_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { instance, known, set, unverifiable } from "../prismshard-pieces.ts";
import { object } from "../situations.ts";

// What was observed of a shard: its names, what its instances hold, its plugins.

describe("names of a shard", () => {
	it.each([
		[
			{ name: "it", namespace: "prism" },
			{ base: "prism-it", headless: "prism-it-headless", namespace: "prism" },
		],
		[
			{ name: "it", namespace: undefined as never },
			{ base: "prism-it", headless: "prism-it-headless", namespace: "default" },
		],
	])("of %j", (metadata, names) => {
		expect(shardNames(object("PrismShard", {}, metadata))).toEqual(names);
	});

	it("of its plugins", () => {
		expect(pluginContainer("mongo-db")).toBe("plugin-mongo-db");
		expect(pluginVariable("mongo-db-x", "ADDRESS")).toBe("PRISM_PLUGIN_MONGO_DB_X_ADDRESS");
		expect(pluginVariable("a", "PATH")).toBe("PRISM_PLUGIN_A_PATH");
	});
});

it("figures count what instances hold together", () => {
	const [busy, idle] = [known(["a", "b"]), known(["b", "c"])];
	expect(heldNamespaces([instance(0, busy), instance(1, idle), instance(2, unverifiable)])).toEqual(
		new Set(["a", "b", "c"]),
	);
	expect(heldNamespaces([instance(0, unverifiable), instance(1, undefined)])).toBeUndefined();
});

describe("a plugin", () => {
	const pod = (spec: unknown, versions?: string): KubeObject =>
		set(
			{ observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3 },
			{
				replicas: 3,
				template: {
					metadata: { annotations: { ...(versions !== undefined && { [PLUGIN_VERSIONS_ANNOTATION]: versions }) } },
					spec,
				},
			},
		);
	const sidecar = { containers: [{ name: "proxy" }, { name: "plugin-a", image: "a:1" }] };

	it.each([
		["nothing", undefined, undefined],
		["none of that name", pod(sidecar), undefined, "b"],
		["beside the proxy", pod(sidecar, '{"a":"1"}'), { form: "sidecar", image: "a:1", version: "1" }],
		[
			"inside the proxy",
			pod({ containers: [], initContainers: [{ name: "plugin-a", image: "a:1" }] }, '{"a":"1"}'),
			{ form: "in-process", image: "a:1", version: "1" },
		],
		[
			"apart from the proxy",
			pod({ containers: [{ name: "proxy", env: [{ name: "PRISM_PLUGIN_A_ADDRESS" }] }] }),
			{ form: "remote" },
		],
		[
			"apart, for another",
			pod({ containers: [{ name: "proxy", env: [{ name: "PRISM_PLUGIN_B_ADDRESS" }] }] }),
			undefined,
		],
		["without a version", pod(sidecar), { form: "sidecar", image: "a:1" }],
		["with another's version", pod(sidecar, '{"b":"1"}'), { form: "sidecar", image: "a:1" }],
		["with a version that is none", pod(sidecar, '{"a":1}'), { form: "sidecar", image: "a:1" }],
		["with versions that are none", pod(sidecar, "[1"), { form: "sidecar", image: "a:1" }],
		["with a list of versions", pod(sidecar, '["a"]'), { form: "sidecar", image: "a:1" }],
		["without an image", pod({ containers: [{ name: "plugin-a" }] }), { form: "sidecar" }],
	])("is found in the pods: %s", (_, observed, found, name = "a") => {
		expect(installedPlugin(observed, name)).toEqual(found);
	});
});
