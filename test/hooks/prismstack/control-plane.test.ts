import { expect, it } from "vitest";
import { controlPlaneOf, isControlPlaneTaken } from "../../../hooks/prismstack/control-plane.ts";
import { objectMap } from "../../../kube/offline.ts";
import { somebodys } from "../situations.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const free = seeing();
const theirs = somebodys("v1", "Service", "it-admin");
const taken = { ...free, request: { ...free.request, related: objectMap([theirs]) } };

it.each([
	["there is one", plannedAdmin({ port: 9000 }).plan, free, "it-admin.prism.svc:9000"],
	["the stack has none", planned(), free, undefined],
	["its Service's name is another object's", plannedAdmin().plan, taken, undefined],
])("proxies register where %s: %#", (_reason, plan, seen, address) => {
	expect(controlPlaneOf(plan, seen)).toBe(address);
});

it("is taken only by the owner of its Service's name", () => {
	expect(isControlPlaneTaken(taken.request)).toBe(true);
	const other = { ...free.request, related: objectMap([somebodys("v1", "Service", "it-proxy")]) };
	expect([isControlPlaneTaken(free.request), isControlPlaneTaken(other)]).toEqual([false, false]);
});
