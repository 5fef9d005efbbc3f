import { describe, expect, it } from "vitest";
import { pluginService } from "../../../hooks/prismshard/plugins.ts";
import { conditionOf } from "../../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { rewritten } from "../../laws/admission.ts";
import { reason, type ShardWorld, settled } from "../prismshard-world.ts";
import { NOW, object } from "../situations.ts";

// The plugins that a shard runs, from its spec and their PrismPlugins.

describe("a shard's plugins", () => {
	const plugin = (name: string, version: string, fields: Record<string, unknown> = {}): KubeObject => ({
		...object("PrismPlugin", { version: "2.0.0", ...fields }, { name }),
		status: {
			shardStates: [
				{ name: "another", version: "9.9.9", image: `plugins/${name}:9.9.9`, state: "Updated", since: NOW },
				{ name: "it", version, image: `plugins/${name}:${version}`, state: "Updating", since: NOW },
			],
		},
	});
	const image = (world: ShardWorld, name = "plugin-redis") =>
		recordsAt(world.child("StatefulSet"), "spec", "template", "spec", "containers").find(
			(container) => container["name"] === name,
		)?.["image"];
	const told = (world: ShardWorld) => recordsAt(world.object["status"], "plugins");
	const follower = { plugins: [{ name: "redis" }] };

	it("follow the PrismPlugin, entry by entry, and tell what was observed", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		expect(image(world)).toBe("plugins/redis:1.0.0");
		world.related = [plugin("redis", "2.0.0")];
		world.sync();
		expect(image(world)).toBe("plugins/redis:2.0.0");
		// What was just sent was not observed yet.
		expect(told(world)).toMatchObject([{ version: "1.0.0", image: "plugins/redis:1.0.0", updated: 3, ready: 3 }]);
		expect(reason(world)).toBe("Progressing");
		world.change("StatefulSet", (set) => ({
			...set,
			status: { ...(set["status"] as object), updatedReplicas: 1, readyReplicas: 2, updateRevision: "two" },
		}));
		world.unready.add("prism-it-2");
		world.sync();
		expect(told(world)).toEqual([
			{
				name: "redis",
				deployment: "sidecar",
				pinned: false,
				version: "2.0.0",
				image: "plugins/redis:2.0.0",
				desired: 3,
				updated: 1,
				ready: 0,
				unready: "prism-it-2: Ready is False",
			},
		]);
	});

	it("that are remote are reached only by a Service of their PrismPlugin", () => {
		const remote = object(
			"PrismPlugin",
			{ version: "2.0.0", deployment: { type: "remote" } },
			{ name: "redis", uid: "uid-redis" },
		);
		const serviceOf = (uid: string): KubeObject => ({
			apiVersion: "v1",
			kind: "Service",
			metadata: {
				name: pluginService("redis"),
				namespace: remote.metadata.namespace ?? "",
				ownerReferences: [{ apiVersion: "v1", kind: "Any", name: uid, uid, controller: true }],
			},
		});
		const world = settled({ plugins: [] });
		world.edit(follower);
		world.related = [remote, serviceOf("somebody")];
		world.sync();
		expect(conditionOf(world.object, "Ready")?.message).toContain("does not belong to PrismPlugin redis");
		expect(JSON.stringify(world.child("StatefulSet"))).not.toContain(pluginService("redis"));
		world.related = [remote, serviceOf("uid-redis")];
		world.sync();
		expect(JSON.stringify(world.child("StatefulSet"))).toContain(pluginService("redis"));
	});

	it("tell nothing of pods that the StatefulSet's controller has not seen the latest of", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		world.change("StatefulSet", (set) => ({
			...set,
			metadata: { ...set.metadata, generation: (set.metadata.generation ?? 0) + 1 },
		}));
		world.sync();
		expect(told(world)).toMatchObject([{ version: "1.0.0", updated: 0, ready: 0 }]);
	});

	it("keep what they have when the PrismPlugin no longer names the shard", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		const { status: _status, ...unnamed } = plugin("redis", "1.0.0");
		world.related = [unnamed];
		world.writes.clear();
		world.sync();
		expect(world.writes.size).toBe(0);
		expect(reason(world)).toBe("ShardReady");
	});

	it("that are new, and not named yet, hold the pods as they are, and everything else goes on", () => {
		const world = settled();
		const { status: _status, ...unnamed } = plugin("redis", "1.0.0");
		world.related = [unnamed];
		world.edit({ ...follower, image: "proxy:v2", weight: 5 });
		world.sync();
		expect(image(world, "prism-proxy")).toBe("ghcr.io/prism/prism-proxy:v1.0.0");
		expect(reason(world)).toBe("PluginNotReady");
		expect(world.at("PrismRoster", "spec", "weight")).toBe(5);
		world.related = [plugin("redis", "1.0.0")];
		world.settle();
		expect(image(world, "prism-proxy")).toBe("proxy:v2");
		expect(image(world)).toBe("plugins/redis:1.0.0");
	});

	it("that are pinned have the pin for a tag, wherever their image is", () => {
		const source = { registry: "mirror.example.com:5000/plugins", image: "redis-plugin:2.0.0" };
		const pinned = { plugins: [{ name: "redis", version: "1.5.0" }] };
		const world = settled(pinned, [plugin("redis", "2.0.0", { source })]);
		expect(image(world)).toBe("mirror.example.com:5000/plugins/redis-plugin:1.5.0");
		expect(told(world)).toMatchObject([{ pinned: true, version: "1.5.0" }]);
	});

	it("are run as the PrismPlugin says, unless spec does", () => {
		const inProcess = plugin("redis", "1.0.0", { deployment: { type: "in-process" } });
		expect(told(settled(follower, [inProcess]))).toMatchObject([{ deployment: "in-process", version: "1.0.0" }]);
		const sidecar = { plugins: [{ name: "redis", deployment: "sidecar" }] };
		expect(told(settled(sidecar, [inProcess]))).toMatchObject([{ deployment: "sidecar", version: "1.0.0" }]);
	});

	it("tell the image that was sent, whatever an admission policy has stored", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		world.change("StatefulSet", rewritten);
		world.sync();
		expect(told(world)).toMatchObject([{ image: "plugins/redis:1.0.0", version: "1.0.0" }]);
		// Without a word of the PrismPlugin, too: what is stored would be rewritten once more at every turn.
		world.related = [{ ...plugin("redis", "1.0.0"), status: {} }];
		world.change("StatefulSet", rewritten);
		world.sync();
		expect(image(world)).toBe("plugins/redis:1.0.0");
	});

	it("bear a StatefulSet that somebody made a mess of", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		for (const text of ["{", "[]", "null", '{"redis":5}']) {
			world.change("StatefulSet", (set) => {
				const changed = JSON.parse(JSON.stringify(set)) as KubeObject;
				const annotations = valueAt(changed, "spec", "template", "metadata", "annotations") as Record<string, string>;
				annotations["prism.io/plugin-versions"] = text;
				return { ...changed, metadata: { ...changed.metadata, annotations: {} } };
			});
			expect(recordsAt(world.sync().status, "plugins")[0]).not.toHaveProperty("version");
		}
	});
});
