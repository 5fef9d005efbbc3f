import { expect, it } from "vitest";
import { type DeploymentPlan, deployment } from "../../../kube/children/deployment.ts";

const SELECTOR = { app: "it" };
const specOf = (plan: Partial<DeploymentPlan> = {}) =>
	deployment({ metadata: { name: "it" }, replicas: 2, selector: SELECTOR, template: {}, ...plan }).spec;

it.each<[string, Partial<DeploymentPlan>, object]>([
	["by default: the new pod starts first", {}, { maxSurge: 1, maxUnavailable: 0 }],
	["on nodes without room for one more pod", { replacesInPlace: true }, { maxSurge: 1, maxUnavailable: 1 }],
])("replaces one pod at a time, %s", (_, plan, rollingUpdate) => {
	expect(specOf(plan)?.strategy).toEqual({ type: "RollingUpdate", rollingUpdate });
});

it("stops all pods first where two templates must not run at a time, whatever else the plan has", () => {
	expect(specOf({ strategy: "Recreate", replacesInPlace: true })?.strategy).toEqual({ type: "Recreate" });
});

it("selects the pods by the labels of the plan, and counts them", () => {
	expect(specOf()).toMatchObject({ replicas: 2, selector: { matchLabels: SELECTOR } });
	expect(specOf({ replicas: 0 })?.replicas).toBe(0);
});

it("has no minReadySeconds unless the plan has: the API server would store 0", () => {
	expect(Object.keys(specOf() ?? {})).not.toContain("minReadySeconds");
	expect(specOf({ minReadySeconds: 7 })?.minReadySeconds).toBe(7);
});
