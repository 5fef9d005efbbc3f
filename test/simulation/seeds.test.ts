import { expect, it } from "vitest";
import { kindOfFinding } from "./seeds.ts";

const AT_STATUS = "differs at .status.conditions:";

it.each([
	[`PrismShard/team-a/eu ${AT_STATUS} ["Ready=False A"]`, `PrismShard/team-b/us ${AT_STATUS} ["Ready=False A"]`, true],
	[`PrismShard/team-a/eu ${AT_STATUS} ["Ready=False A"]`, `PrismShard/team-a/eu ${AT_STATUS} ["Ready=False B"]`, false],
	[`x ["Ready=False A","Warning=True W"]`, `x ["Ready=False A"]`, true],
	["prism-eu-0 has namespace acme", "prism-us-1 has namespace orders", true],
	["PrismShard/team-a/eu is missing", "PrismRoster/team-a/eu is missing", false],
])("%s and %s are of one kind: %s", (left, right, isAlike) => {
	expect(kindOfFinding(left) === kindOfFinding(right)).toBe(isAlike);
});
