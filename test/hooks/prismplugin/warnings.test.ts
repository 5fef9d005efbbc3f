import { expect, it } from "vitest";
import {
	canaryStrange,
	followersTooMany,
	imageFloating,
	PLUGIN_WARNINGS,
	remoteNotServed,
	tagDiffers,
} from "../../../hooks/prismplugin/warnings.ts";
import { allFound } from "../../../kube/check-list.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedPlugin } from "../plans.ts";

const shard = (name: string, deployment?: string): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismShard",
	metadata: { name, namespace: "prism" },
	spec: { plugins: [{ name: "it", ...(deployment && { deployment }) }] },
});

it.each<[object, object[]]>([
	[{}, []],
	[{ version: "latest" }, [{ field: "spec.version", image: "ghcr.io/prism/plugins/it-plugin:latest" }]],
	[{ source: { image: "it:latest" } }, [{ field: "spec.source.image", image: "ghcr.io/prism/plugins/it:latest" }]],
])("imageFloating: %j", (spec, expected) => {
	expect(imageFloating(plannedPlugin(spec))).toMatchObject(expected);
});

it.each<[string | undefined, object[] | undefined]>([
	[undefined, undefined],
	["it", undefined],
	["it:1.0.0", undefined],
	["it:2.0.0", [{ warning: "DifferentTag", tag: "2.0.0", version: "1.0.0" }]],
])("tagDiffers from version 1.0.0: %s", (image, expected) => {
	expect(tagDiffers(plannedPlugin({ source: { ...(image && { image }) } }))).toEqual(expected);
});

it.each<[string, object, readonly KubeObject[], object[] | undefined]>([
	["a shard that is none", { canary: "b" }, [shard("a")], [{ warning: "StrangeCanary", canary: "b" }]],
	["a shard", { canary: "a" }, [shard("a")], undefined],
	["none", {}, [shard("a")], undefined],
	["before there is a shard", { canary: "b" }, [], undefined],
])("canaryStrange: %s", (_, rollout, related, expected) => {
	expect(canaryStrange(plannedPlugin({ rollout }, { related }))).toEqual(expected);
});

it.each<[string, object, readonly KubeObject[], object[] | undefined]>([
	["calls", {}, [shard("a", "remote"), shard("b")], [{ warning: "RemoteNotServed", shards: ["a"] }]],
	["no calls", {}, [shard("b")], undefined],
	["calls that are served", { deployment: { type: "remote" } }, [shard("a", "remote")], undefined],
])("remoteNotServed: %s", (_, spec, related, expected) => {
	expect(remoteNotServed(plannedPlugin(spec, { related }))).toEqual(expected);
});

it.each([
	[1000, undefined],
	[1001, [{ warning: "TooManyFollowers", most: 1000 }]],
])("followersTooMany: %d shards", (count, expected) => {
	const related = Array.from({ length: count }, (_, index) => shard(`s${index}`));
	expect(followersTooMany(plannedPlugin({}, { related }))).toEqual(expected);
});

it("are reported in the order of the list", () => {
	const spec = { source: { image: "it:latest" }, rollout: { canary: "b" } };
	const input = plannedPlugin(spec, { related: [shard("a", "remote"), shard("c")] });
	const warnings = ["ImageNotPinned", "DifferentTag", "StrangeCanary", "RemoteNotServed"];
	expect(allFound(PLUGIN_WARNINGS, input).map(({ warning }) => warning)).toEqual(warnings);
	expect(input.plan.warnings.map(({ warning }) => warning)).toEqual(warnings);
});
