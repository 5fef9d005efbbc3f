import { expect, it } from "vitest";
import { rosterInstance } from "../../kube/roster.ts";

const NOW = "2026-01-01T00:00:00Z";
const POD = { name: "prism-a-0", uid: "u2", ready: true };

it.each<[string, Record<string, unknown>, string | undefined]>([
	["a time before", { readySince: "2025-12-31T23:00:00Z" }, NOW],
	["the same second", { readySince: NOW }, "2026-01-01T00:00:01Z"],
	["a time to come", { readySince: "2026-01-01T00:01:00Z" }, "2026-01-01T00:01:01Z"],
	["no time at all, after a policy changed it", { readySince: "yesterday" }, NOW],
	["a number", { readySince: 7 }, NOW],
	["nothing", {}, NOW],
])("an instance that returns is ready since a new time: the roster had %s", (_, last, since) => {
	const before = { name: POD.name, uid: "u1", ready: false, ...last };
	expect(rosterInstance(POD, [before], NOW).readySince).toBe(since);
});
