import { expect, test } from "vitest";
import { assignmentRefused, creationRefused, type Known, revocationRefused } from "../../../devcluster/proxy/rules.ts";

const OWN = { name: "orders", owner: "a", version: 5 };
const known = (record?: Known["record"], tombstone?: number): Known => ({ record, tombstone });
const none = known();

test.each<[string, Known, number, string, boolean, boolean, boolean]>([
	["nothing", none, 5, "a", true, true, true],
	["nothing, without a version", none, 0, "a", true, true, true],
	["an older record", known({ owner: "a", version: 4 }), 5, "a", true, false, true],
	["the same record", known({ owner: "a", version: 5 }), 5, "a", true, false, true],
	["a newer record", known({ owner: "a", version: 6 }), 5, "a", false, false, false],
	["a newer record, to a call without a version", known({ owner: "a", version: 6 }), 0, "a", false, false, true],
	["another's record", known({ owner: "b", version: 4 }), 5, "a", false, false, false],
	["a record made by hand", known({ owner: "", version: 0 }), 5, "a", false, false, false],
	["a record made by hand, to nobody", known({ owner: "", version: 0 }), 0, "", true, false, true],
	["an older revocation", known(undefined, 4), 5, "a", true, true, true],
	["the same revocation", known(undefined, 5), 5, "a", true, true, true],
	["a newer revocation", known(undefined, 6), 5, "a", false, false, true],
	["a record, and a newer revocation", known({ owner: "a", version: 5 }, 6), 5, "a", false, false, true],
])("of who knows %s", (_, state, version, owner, assigned, created, revoked) => {
	const claim = { ...OWN, version, owner };
	expect(
		[assignmentRefused, creationRefused, revocationRefused].map((rule) => rule(state, claim) === undefined),
	).toEqual([assigned, created, revoked]);
});

test("another owner comes before an old version", () => {
	const state = known({ owner: "b", version: 9 });
	const reason = assignmentRefused(state, OWN);
	expect(reason).toContain("orders");
	expect(revocationRefused(state, OWN)).toBe(reason);
});
