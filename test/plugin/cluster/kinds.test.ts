import { describe, expect, it } from "vitest";
import {
	byKindAndName,
	isOurs,
	isUserKind,
	kindNamed,
	MADE_RESOURCES,
	qualified,
	UsageError,
	wantedOf,
} from "../../../plugin/cluster/kinds.ts";
import { other, ours } from "../world.ts";

describe("the kind of a word", () => {
	it.each([
		["prismstack", "PrismStack"],
		["PrismStacks", "PrismStack"],
		["pstack", "PrismStack"],
		["prismstacks.prism.io", "PrismStack"],
		["prismrosters", "PrismRoster"],
		["deploy", "Deployment"],
		["deployments.apps", "Deployment"],
		["po", "Pod"],
		["secret", undefined],
		["", undefined],
	])("%j is %s", (word, kind) => expect(kindNamed(word)).toBe(kind));
});

describe("the objects that words name", () => {
	it.each([
		[[], []],
		[["shop"], [{ name: "shop" }]],
		[["prismstack/shop"], [{ kind: "PrismStack", name: "shop" }]],
		[
			["prismstack", "a", "b"],
			[
				{ kind: "PrismStack", name: "a" },
				{ kind: "PrismStack", name: "b" },
			],
		],
		[
			["shop", "carts"],
			[{ name: "shop" }, { name: "carts" }],
		],
		[
			["prismstack/a", "pod/b"],
			[
				{ kind: "PrismStack", name: "a" },
				{ kind: "Pod", name: "b" },
			],
		],
		// A kind alone is a name.
		[["prismstack"], [{ name: "prismstack" }]],
	])("%j", (words, wanted) => expect(wantedOf(words)).toEqual(wanted));

	it.each([["prismstack/"], ["prismstack/a/b"], ["nothing/a"], ["/a"]])("%j is an error", (word) =>
		expect(() => wantedOf([word])).toThrow(UsageError),
	);
});

it("tells our kinds from others by group and kind, and a user's from internal ones", () => {
	const objects = [ours("PrismStack", "a"), ours("PrismRoster", "a"), other("v1", "Pod", "a")];
	expect(objects.map(isOurs)).toEqual([true, true, false]);
	expect(objects.map(isUserKind)).toEqual([true, false, false]);
	expect(isOurs({ apiVersion: "example.com/v1", kind: "PrismStack" })).toBe(false);
});

it("sorts objects by kind, then by name", () => {
	const objects = [ours("PrismPlugin", "a"), ours("PrismStack", "b"), ours("PrismStack", "a")];
	expect(objects.toSorted(byKindAndName).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
		"PrismStack a",
		"PrismStack b",
		"PrismPlugin a",
	]);
});

it("reads pods and ReplicaSets beside the children, and never Secrets or optional kinds", () => {
	expect(MADE_RESOURCES).toEqual(expect.arrayContaining(["deployments.apps", "services", "replicasets.apps", "pods"]));
	expect(MADE_RESOURCES.filter((resource) => /secret|scaledobject|servicemonitor|prism/.test(resource))).toEqual([]);
	expect([qualified("v1", "pods"), qualified("apps/v1", "deployments")]).toEqual(["pods", "deployments.apps"]);
});
