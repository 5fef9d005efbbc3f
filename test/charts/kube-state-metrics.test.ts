import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { beforeAll, describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { evaluate, type Family, get } from "./custom-resource-state.ts";
import { CREATED, deleted, LIVING, stored } from "./custom-resources.ts";
import { at, HELM_TIMEOUT, helm, list, only, set, template } from "./helm.ts";
import { resources } from "./served.ts";

// The configuration of kube-state-metrics over objects as the hooks leave them: every path leads somewhere.

const OBJECTS = [...LIVING, ...LIVING.map(deleted)].map(stored);

const resourceOf = (kind: string) => {
	const found = resources().find((resource) => at(resource, "groupVersionKind", "kind") === kind);
	if (found === undefined) throw new Error(`nothing is configured for ${kind}`);
	return found;
};
const told = OBJECTS.map((object): [KubeObject, Family[]] => [object, evaluate(resourceOf(object.kind), object)]);

it("tells of every kind that has a hook, by its name, version and plural", () => {
	expect(resources().map((resource) => [resource["groupVersionKind"], resource["resourcePlural"]])).toEqual(
		REGISTRY.map(({ parent: { group, version, kind, plural } }) => [{ group, version, kind }, plural]),
	);
});

describe.each(REGISTRY.map(({ parent }) => parent))("$kind", (parent) => {
	const own = told.filter(([{ kind }]) => kind === parent.kind);
	const resource = resourceOf(parent.kind);
	const families = list(resource["metrics"]).map((metric): [string, Record<string, unknown>] => [
		String(metric["name"]),
		metric,
	]);
	const nameOf = (name: string) => `${String(resource["metricNamePrefix"])}_${name}`;

	it("has objects to look at", () => expect(own.length).toBeGreaterThan(2));

	it.each(families)("%s has a value, and each of its labels", (name, metric) => {
		const samples = own.flatMap(([, all]) =>
			all.filter((family) => family.name === nameOf(name)).flatMap(({ samples: found }) => found),
		);
		expect(samples.length).toBeGreaterThan(0);
		for (const { value } of samples) expect(Number.isFinite(value)).toBe(true);
		const each = at(metric, "each");
		const labels = at(each, String(at(each, "type")).toLowerCase(), "labelsFromPath");
		for (const label of Object.keys(isRecord(labels) ? labels : {})) {
			expect([name, label, samples.some((sample) => label in sample.labels)]).toEqual([name, label, true]);
		}
	});

	it("has only paths that the schema knows", () => {
		const schema = at(customResourceDefinition(parent), "spec", "versions", 0, "schema", "openAPIV3Schema");
		for (const [, metric] of families) {
			const each = at(metric, "each");
			const definition = at(each, String(at(each, "type")).toLowerCase());
			const path = list([{ path: at(definition, "path") ?? [] }]).flatMap((entry) => entry["path"] as string[]);
			const labels = Object.values((at(definition, "labelsFromPath") ?? {}) as Record<string, string[]>);
			const valueFrom = (at(definition, "valueFrom") ?? []) as string[];
			for (const rest of [...labels, valueFrom]) {
				const whole = [...path, ...rest];
				if (whole[0] !== "metadata") expect([whole, inSchema(schema, whole)]).toEqual([whole, true]);
			}
		}
	});
});

const inSchema = (schema: unknown, [step, ...rest]: readonly string[]): boolean => {
	if (step === undefined) return true;
	if (at(schema, "type") === "array") return inSchema(at(schema, "items"), [step, ...rest]);
	const inner = at(schema, "properties", step);
	return inner !== undefined && inSchema(inner, rest);
};

it("makes no sample twice, no error, and names each object in each sample", () => {
	for (const [object, families] of told) {
		for (const { name, samples, errors } of families) {
			expect([name, errors]).toEqual([name, []]);
			const series = samples.map(({ labels }) =>
				JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b))),
			);
			expect([name, series.length]).toEqual([name, new Set(series).size]);
			for (const { labels } of samples) {
				expect(labels).toMatchObject({
					name: object.metadata.name,
					namespace: object.metadata.namespace,
					customresource_kind: object.kind,
				});
			}
		}
	}
});

it("makes nothing of an object that was just created but what the API server knows of it", () => {
	for (const { parent } of REGISTRY) {
		const object = stored(
			{ apiVersion: "prism.io/v1alpha1", kind: parent.kind, metadata: { name: "new" }, spec: {} },
			0,
		);
		const families = evaluate(resourceOf(parent.kind), object);
		expect(families.flatMap(({ errors }) => errors)).toEqual([]);
		const names = families.filter(({ samples }) => samples.length > 0).map(({ name }) => name);
		expect(names).toEqual(["info", "created", "metadata_generation"].map((name) => `kube_${parent.singular}_${name}`));
	}
});

describe("values", () => {
	const samplesOf = (kind: string, metric: string, status: Record<string, unknown>) => {
		const object = { metadata: { name: "it", namespace: "team" }, status };
		return evaluate(resourceOf(kind), object)
			.find(({ name }) => name === metric)
			?.samples.map(({ labels, value }) => [labels, value]);
	};
	const common = {
		customresource_group: "prism.io",
		customresource_version: "v1alpha1",
		name: "it",
		namespace: "team",
	};

	it("of conditions are 1 for True only, with their reasons", () => {
		const condition = (type: string, status: string) => ({
			type,
			status,
			reason: "Because",
			lastTransitionTime: CREATED,
		});
		const status = { conditions: [condition("Ready", "Unknown"), condition("Stalled", "True")] };
		const labels = { ...common, customresource_kind: "PrismShard", reason: "Because" };
		expect(samplesOf("PrismShard", "kube_prismshard_status_condition", status)).toEqual([
			[{ ...labels, type: "Ready", status: "Unknown" }, 0],
			[{ ...labels, type: "Stalled", status: "True" }, 1],
		]);
		expect(
			samplesOf("PrismShard", "kube_prismshard_status_condition_last_transition_time", status)?.map(
				([, value]) => value,
			),
		).toEqual([1_767_225_600, 1_767_225_600]);
	});

	it("of counts and truths are numbers, 0 included", () => {
		expect(samplesOf("PrismShard", "kube_prismshard_status_full", { full: false })?.map(([, value]) => value)).toEqual([
			0,
		]);
		expect(
			samplesOf("PrismShard", "kube_prismshard_status_namespaces", { namespaces: 0 })?.map(([, value]) => value),
		).toEqual([0]);
	});
});

it("the evaluator follows paths as kube-state-metrics does", () => {
	const object = {
		a: [
			{ type: "x", v: 1 },
			{ type: "y", v: null },
		],
		b: { c: false },
	};
	expect(get(object, ["a", "[type=x]", "v"])).toBe(1);
	expect(get(object, ["a", "-1", "type"])).toBe("y");
	expect(get(object, ["a", "[type=y]", "v"])).toBeUndefined();
	expect(get(object, ["a", "type"])).toBeUndefined();
	expect(get(object, ["b", "c"])).toBe(false);
	// A gauge over an object takes each of its fields for one more object.
	const trap = {
		metricNamePrefix: "t",
		metrics: [{ name: "m", each: { type: "Gauge", gauge: { path: ["s"], valueFrom: ["n"] } } }],
	};
	expect(evaluate(trap, { s: { n: 1, other: { n: 2 } } })[0]?.samples.map(({ value }) => value)).toEqual([1, 2]);
});

describe("in the chart", () => {
	beforeAll(() => helm("version"), HELM_TIMEOUT);

	it("is a ConfigMap, when it is wanted", async () => {
		const found = async (flags: string[]) =>
			only(await template(...flags), "ConfigMap").filter(({ metadata }) =>
				metadata.name.endsWith("-kube-state-metrics"),
			);
		expect(await found([])).toEqual([]);
		const [configMap] = await found(set({ "kubeStateMetrics.enabled": true, "kubeStateMetrics.labels": { a: "b" } }));
		expect(configMap?.metadata.labels).toMatchObject({ a: "b" });
		const config = load(String(at(configMap, "data", "config.yaml")));
		expect(at(config, "kind")).toBe("CustomResourceStateMetrics");
		expect(at(config, "spec", "resources")).toEqual(resources());
	});

	it("is documented with the rights that it needs", () => {
		const page = readFileSync(join(import.meta.dirname, "../../docs/observability.md"), "utf8");
		const rules = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)]
			.map(([, text = ""]) => load(text))
			.find((block) => at(block, "kube-state-metrics") !== undefined);
		const extra = list(at(rules, "kube-state-metrics", "rbac", "extraRules"));
		const ours = extra.find((rule) => JSON.stringify(rule["apiGroups"]) === '["prism.io"]');
		expect(ours?.["resources"]).toEqual(REGISTRY.map(({ parent }) => parent.plural));
		for (const rule of extra) expect(rule["verbs"]).toEqual(["list", "watch"]);
	});
});
