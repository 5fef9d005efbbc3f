import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { childKindsOf, hookPath, hooksOf, isComposite, type Prepared, preparing, type Row } from "../../kube/hook.ts";
import { NOTHING_ASKED, type Outside } from "../../schemas/admin.ts";

const [first] = REGISTRY;
if (first === undefined) throw new Error("the registry is empty");
const child = (kind: string, onlyWith?: "keda" | "serviceMonitors") => ({
	apiVersion: "v1",
	resource: kind.toLowerCase(),
	kind,
	...(onlyWith && { onlyWith }),
});
const row: Row = { ...first, children: [child("Service"), child("A", "keda"), child("B", "serviceMonitors")] };

it.each([
	[{}, ["Service"]],
	[{ keda: false }, ["Service"]],
	[{ keda: true }, ["Service", "A"]],
	[{ keda: true, serviceMonitors: true }, ["Service", "A", "B"]],
])("an installation with %j has the children %j", (features, kinds) => {
	expect(childKindsOf(row, features).map(({ kind }) => kind)).toEqual(kinds);
});

describe("the hooks of a row", () => {
	const sync = () => ({ status: {}, children: [] });
	const bare = {
		name: "x",
		type: "composite",
		parent: row.parent,
		children: [],
		found: row.found,
		sync,
	} as unknown as Row;
	it.each([
		[bare, ["sync"]],
		[{ ...bare, customize: () => ({ relatedResources: [] }) }, ["sync", "customize"]],
		[{ ...bare, finalize: undefined, customize: () => ({ relatedResources: [] }) }, ["sync", "customize"]],
	] as unknown as [Row, string[]][])("are in one order: %#", (given, names) => {
		expect(hooksOf(given)).toEqual(names);
		expect(hooksOf({ ...given, finalize: sync } as unknown as Row)).toEqual(["sync", "finalize", ...names.slice(1)]);
	});

	it("are below the row's name, and it is of either type", () => {
		expect(hookPath({ name: "prismstack" }, "customize")).toBe("/prismstack/customize");
		expect([isComposite(bare), isComposite({ ...bare, type: "decorator" } as unknown as Row)]).toEqual([true, false]);
	});
});

it("what is prepared answers to what is outside, and to nothing where nobody asked", () => {
	const given: Outside[] = [];
	const told = (name: string) => (outside: Outside) => {
		given.push(outside);
		return name;
	};
	const prepared: Prepared<string> = { questions: [], sync: told("sync"), finalize: told("finalize") };
	const hooks = preparing((_request: object) => prepared);
	const context = {} as Parameters<typeof hooks.sync>[1];
	const outside: Outside = { answers: [], results: [] };
	expect([hooks.sync({}, context), hooks.finalize({}, context, outside)]).toEqual(["sync", "finalize"]);
	expect(given[0]).toBe(NOTHING_ASKED);
	expect(given[1]).toBe(outside);
});
