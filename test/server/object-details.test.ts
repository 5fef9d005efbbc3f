import { expect, test } from "vitest";
import type { KubeObject } from "../../schemas/common.ts";
import { RECORD_FORMAT, type RecordedCall } from "../../schemas/recorded-call.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { detailsOf, MOST, shortened } from "../../server/object-details.ts";
import { installation, NOW } from "./toy.ts";

const object = (kind: string, fields: object = {}): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name: "it", namespace: "team" },
	...fields,
});
const roster = (...instances: readonly unknown[]) => object("PrismRoster", { spec: { instances } });
const callOf = (parent: KubeObject, change: Partial<RecordedCall> = {}): RecordedCall => ({
	format: RECORD_FORMAT,
	hook: "sync",
	now: NOW,
	installation,
	parent,
	observed: [],
	related: [],
	answers: {},
	outcomes: {},
	redacted: [],
	...change,
});
const details = (parent: KubeObject, change: Partial<RecordedCall> = {}) => detailsOf(parent, callOf(parent, change));

test.each([
	[600, 600],
	[601, 600],
])("of a text of %d characters, %d are shown", (length, shown) => {
	const text = shortened("x".repeat(length));
	expect(text).toHaveLength(shown);
	expect(text.endsWith("…")).toBe(length > shown);
});

test.each([
	["Toy", {}, { of: "Other" }],
	["constructor", {}, { of: "Other" }],
	["PrismStack", { spec: { secret: 1 } }, { of: "PrismStack", spec: {}, status: {}, instances: [] }],
	[
		"PrismPlugin",
		{ spec: { version: "2", image: "i" }, status: { lastGoodVersion: "1", phase: "Ready" } },
		{ of: "PrismPlugin", spec: { version: "2" }, status: { lastGoodVersion: "1" }, instances: [] },
	],
	[
		"BackendConfig",
		{ spec: { provider: "redis", config: { password: "CANARY" } } },
		{ of: "BackendConfig", spec: { provider: "redis" }, status: {}, instances: [] },
	],
])("of a %s, only these fields are shown", (kind, fields, shown) => {
	expect(details(object(kind, fields))).toEqual(shown);
});

test("lists and texts are cut, at any depth", () => {
	const shardStates = Array.from({ length: MOST + 1 }, () => ({ message: "m".repeat(700) }));
	const shown = details(object("PrismPlugin", { status: { shardStates } }));
	if (shown.of !== "PrismPlugin") throw new Error("another kind");
	expect(shown.status.shardStates).toHaveLength(MOST);
	expect(shown.status.shardStates?.[0]?.message).toHaveLength(600);
});

test.each<[string, Partial<RecordedCall>, unknown[]]>([
	[
		"the response",
		{ response: { status: {}, children: [roster({ name: "a", ready: true })] } },
		[{ name: "a", ready: true }],
	],
	["the observed one, without a response", { observed: [roster({ name: "b" })] }, [{ name: "b", ready: false }]],
	[
		"the response, if there are both",
		{ response: { status: {}, children: [roster({ name: "a" })] }, observed: [roster({ name: "b" })] },
		[{ name: "a", ready: false }],
	],
	["neither", { observed: [object("ConfigMap")] }, []],
	["an instance without a name", { observed: [roster({ ready: "yes" })] }, [{ name: "", ready: false }]],
])("the instances are those of the roster in %s", (_, change, instances) => {
	expect(details(object("PrismShard"), change)).toMatchObject({ instances });
});
