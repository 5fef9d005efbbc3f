import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Environment } from "@marcbachmann/cel-js";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests } from "../../yaml/manifests.ts";

// What kstatus says of an object, and Flux with the expressions of examples/gitops.

const FILE = join(import.meta.dirname, "../../examples/gitops/flux/health-checks.yaml");
export const CHECKS = parseManifests(readFileSync(FILE, "utf8"), FILE).flatMap(({ object }) =>
	recordsAt(object, "spec", "healthCheckExprs"),
);
const environment = new Environment({ unlistedVariablesAreDyn: true });

export const holds = (expression: unknown, object: KubeObject): boolean => {
	const result: unknown = environment.evaluate(String(expression), withIntegers(object) as Record<string, unknown>);
	if (typeof result !== "boolean") throw new Error(`${String(expression)} is no verdict`);
	return result;
};

/** Whole numbers are integers to Flux. */
const withIntegers = (value: unknown): unknown => {
	if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
	if (Array.isArray(value)) return value.map(withIntegers);
	return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withIntegers(v)])) : value;
};

export type Verdict = "InProgress" | "Failed" | "Current" | "Terminating";

/** As kstatus reads any object: what it checks of every kind, in its order, then Ready. */
export const kstatusOf = (object: KubeObject): Verdict => {
	const status = isRecord(object["status"]) ? object["status"] : {};
	const isTrue = (type: string) => conditionOf(object, type)?.status === "True";
	if (object.metadata.deletionTimestamp !== undefined) return "Terminating";
	const observed = status["observedGeneration"];
	if (observed !== undefined && observed !== object.metadata.generation) return "InProgress";
	if (isTrue("Reconciling")) return "InProgress";
	if (isTrue("Stalled")) return "Failed";
	const ready = conditionOf(object, "Ready");
	return ready === undefined || ready.status === "True" ? "Current" : "InProgress";
};

/** As Flux asks: what is being deleted and a generation that is not observed first, then the expressions in this order. */
export const fluxOf = (object: KubeObject): Verdict => {
	const check = CHECKS.find(({ kind, apiVersion }) => kind === object.kind && apiVersion === object.apiVersion);
	if (check === undefined) throw new Error(`no expressions for ${object.kind}`);
	if (object.metadata.deletionTimestamp !== undefined) return "Terminating";
	const status = isRecord(object["status"]) ? object["status"] : undefined;
	const observed = status?.["observedGeneration"];
	if (observed !== undefined && observed !== object.metadata.generation) return "InProgress";
	// Flux waits for a field that is not there.
	if (status === undefined) return "InProgress";
	if (holds(check["inProgress"], object)) return "InProgress";
	if (holds(check["failed"], object)) return "Failed";
	return holds(check["current"], object) ? "Current" : "InProgress";
};
