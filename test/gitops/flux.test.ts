import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Environment } from "@marcbachmann/cel-js";
import { describe, expect, it } from "vitest";
import { parseManifests } from "../../cli/manifests.ts";
import { KINDS } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { goldens, healthByHand, situations } from "./observed.ts";

const FILE = join(import.meta.dirname, "../../examples/gitops/flux/health-checks.yaml");
const CHECKS = parseManifests(readFileSync(FILE, "utf8"), FILE).flatMap(({ object }) =>
	recordsAt(object, "spec", "healthCheckExprs"),
);
const environment = new Environment({ unlistedVariablesAreDyn: true });

const holds = (expression: unknown, object: KubeObject): boolean => {
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

type Verdict = "InProgress" | "Failed" | "Current";

/** As Flux asks: a generation that is not observed first, then the expressions in this order. */
const verdictOf = (object: KubeObject): Verdict => {
	const check = CHECKS.find(({ kind, apiVersion }) => kind === object.kind && apiVersion === object.apiVersion);
	if (check === undefined) throw new Error(`no expressions for ${object.kind}`);
	const status = isRecord(object["status"]) ? object["status"] : undefined;
	const observed = status?.["observedGeneration"];
	if (observed !== undefined && observed !== object.metadata.generation) return "InProgress";
	// Flux waits for a field that is not there.
	if (status === undefined) return "InProgress";
	if (holds(check["inProgress"], object)) return "InProgress";
	if (holds(check["failed"], object)) return "Failed";
	return holds(check["current"], object) ? "Current" : "InProgress";
};

const seen = () => [...situations(), ...goldens()].filter(({ object }) => object.kind !== "PrismRoster");

describe("Flux's health checks", () => {
	it("are there for every kind that somebody writes", () => {
		const kinds = KINDS.map(({ kind }) => kind).filter((kind) => kind !== "PrismRoster");
		expect(CHECKS.map(({ kind }) => kind)).toEqual(kinds);
	});

	it.each(seen())("$title", ({ object }) => {
		const verdict = verdictOf(object);
		const ready = conditionOf(object, "Ready");
		const stalled = conditionOf(object, "Stalled")?.status === "True";
		if (ready?.status === "True" || ready?.reason === "Expired") return expect(verdict).toBe("Current");
		return expect(verdict).toBe(stalled ? "Failed" : "InProgress");
	});

	it("agree with Argo CD's on what is done, and fail only what is Degraded or waits for a person there", () => {
		for (const { object, title } of seen()) {
			const health = healthByHand(object);
			const verdict = verdictOf(object);
			if (health === "Healthy") expect(verdict, title).toBe("Current");
			if (health === "Progressing") expect(verdict, title).toBe("InProgress");
			if (verdict === "Failed") expect(["Degraded", "Suspended"], title).toContain(health);
		}
	});

	it("wait for the first status, and for an answer to the last change", () => {
		for (const { object } of situations()) {
			const { status: _none, ...fresh } = object as KubeObject & { status: unknown };
			expect(verdictOf(fresh)).toBe("InProgress");
			expect(verdictOf({ ...object, status: {} })).toBe("InProgress");
			const metadata = { ...object.metadata, generation: 99 };
			expect(verdictOf({ ...object, metadata })).toBe("InProgress");
			expect(holds(CHECKS[0]?.["inProgress"], { ...object, metadata })).toBe(true);
		}
	});
});
