import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";

import { isRecord } from "../../kube/object.ts";
import { at, CHART_FOLDER, HELM_TIMEOUT, helm, list, NAMESPACE, only, set, template } from "./helm.ts";
import { checkQuery, type Served } from "./promql.ts";
import { servedByHooks, servedByKubeStateMetrics } from "./served.ts";

// The dashboards as Grafana will load them: every query against the metrics and labels that are really served.

const FOLDER = join(CHART_FOLDER, "dashboards");
const FILES = readdirSync(FOLDER).toSorted();
const read = (file: string): Record<string, unknown> => {
	const parsed: unknown = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
	return isRecord(parsed) ? parsed : {};
};

let served: Served;
let values: ReadonlyMap<string, ReadonlySet<string>>;
beforeAll(async () => {
	const hooks = await servedByHooks();
	served = new Map([...hooks.served, ...servedByKubeStateMetrics()]);
	values = hooks.values;
}, 60_000);

/** As Grafana would send it. */
const filledIn = (query: string): string =>
	query.replaceAll("$__rate_interval", "5m").replaceAll("$namespace", "prism-system").replaceAll("$kind", "PrismStack");

/** Words that a server could say, had more happened to it: the types of what it counts. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
	hook: ["sync", "finalize", "customize"],
	kind: REGISTRY.map(({ parent }) => parent.kind),
	outcome: ["answered", "refused", "unauthenticated", "overloaded", "failed", "aborted"],
	code: ["OK", "Refused"],
};

describe.each(FILES)("%s", (file) => {
	const dashboard = read(file);
	const panels = list(dashboard["panels"]);
	const queries = panels.flatMap((panel) =>
		list(panel["targets"]).map((target): [string, Record<string, unknown>, Record<string, unknown>] => [
			`${String(panel["title"])}: ${String(target["refId"])}`,
			target,
			panel,
		]),
	);

	it("has queries", () => expect(queries.length).toBeGreaterThan(15));

	it.each(queries)("%s asks for what is served", (_name, target, panel) => {
		const { labels, metrics, matches } = checkQuery(filledIn(String(target["expr"])), served);
		expect(metrics.size).toBeGreaterThan(0);
		const legend = String(target["legendFormat"]);
		for (const [, label = ""] of legend.matchAll(/\{\{(\w+)\}\}/g))
			expect([legend, labels?.has(label)]).toEqual([legend, true]);
		if (panel["type"] === "table") {
			const columns = Object.keys(at(panel, "transformations", 0, "options", "indexByName") as object);
			expect(new Set(columns)).toEqual(new Set([...(labels ?? []), "Value"]));
		}
		for (const { metrics: asked, label, operator, value } of matches) {
			if (label === "namespace" || label === "job" || value === "" || !asked[0]?.startsWith("prism_operator")) continue;
			const [metric = ""] = asked;
			const known = new Set([
				...(values.get(`${metric.replace(/_(bucket|sum|count)$/, "")} ${label}`) ?? []),
				...(WORDS[label] ?? []),
			]);
			const words = operator.includes("~") ? value.split("|") : [value];
			for (const word of words) expect([label, word, known.has(word)]).toEqual([label, word, true]);
		}
	});

	it("chooses by variables whose values are served", () => {
		for (const variable of list(at(dashboard, "templating", "list")).slice(1)) {
			const [, query = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(String(variable["definition"])) ?? [];
			expect(checkQuery(filledIn(query), served).labels?.has(label)).toBe(true);
		}
		const names = list(at(dashboard, "templating", "list")).map(({ name }) => String(name));
		const used = new Set(
			JSON.stringify(panels)
				.match(/\$(?!__)\w+/g)
				?.map((name) => name.slice(1)),
		);
		expect(used).toEqual(new Set(names));
	});

	it("lays out panels that have a title and a sentence, each in a place of its own", () => {
		const cells = new Set<string>();
		expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
		for (const panel of panels) {
			expect(panel["title"]).toMatch(/^[A-Z]/);
			if (panel["type"] !== "row")
				expect([panel["title"], panel["description"]]).toEqual([panel["title"], expect.stringMatching(/\.$/)]);
			const [x, y, w, h] = ["x", "y", "w", "h"].map((key) => Number(at(panel, "gridPos", key)));
			expect((x ?? 0) + (w ?? 0)).toBeLessThanOrEqual(24);
			for (let column = x ?? 0; column < (x ?? 0) + (w ?? 0); column += 1) {
				for (let row = y ?? 0; row < (y ?? 0) + (h ?? 0); row += 1) {
					expect(cells.has(`${column},${row}`)).toBe(false);
					cells.add(`${column},${row}`);
				}
			}
		}
	});
});

it("shows every metric of the hooks that is not only of the process", () => {
	const shown = new Set<string>();
	for (const panel of FILES.flatMap((file) => list(read(file)["panels"]))) {
		for (const target of list(panel["targets"])) {
			for (const metric of checkQuery(filledIn(String(target["expr"])), served).metrics)
				shown.add(metric.replace(/_(bucket|sum|count)$/, ""));
		}
	}
	const ours = [...served.keys()]
		.filter((name) => name.startsWith("prism_operator_"))
		.map((name) => name.replace(/_(bucket|sum|count)$/, ""));
	expect([...new Set(ours)].filter((name) => !shown.has(name))).toEqual([]);
});

describe("the checker", () => {
	const toys: Served = new Map([
		["a_total", new Set(["x", "y"])],
		["b", new Set(["x"])],
		["c_bucket", new Set(["le", "x"])],
	]);
	const labelsOf = (query: string): string[] =>
		[...(checkQuery(query, toys).labels ?? ["a number"])].filter((label) => label.length === 1);
	it.each<[query: string, labels: string[]]>([
		["a_total", ["x", "y"]],
		['sum by (x) (rate(a_total{y="1"}[5m]))', ["x"]],
		["sum without (x) (a_total)", ["y"]],
		["a_total * on (x) group_left () b", ["x", "y"]],
		["b * on (x) group_left (y) a_total", ["x", "y"]],
		["histogram_quantile(0.5, sum by (le, x) (rate(c_bucket[5m])))", ["x"]],
		['{__name__=~"a_total|b"}', ["x"]],
		["count(b) or vector(0)", []],
		["time() - b", ["x"]],
		["topk(3, sum by (y) (a_total))", ["y"]],
		["absent(a_total)", []],
	])("%s", (query, labels) => expect(labelsOf(query)).toEqual(labels));
	it.each<[query: string, problem: RegExp]>([
		["sum by (x) (rate(a_total[5m])", /cannot parse/],
		["d", /no such metric: d/],
		['b{y="1"}', /no label y in: b/],
		["sum by (z) (b)", /no label z in/],
		["sum by (y) (sum by (x) (a_total))", /no label y in/],
		["histogram_quantile(0.5, sum by (x) (rate(c_bucket[5m])))", /no label le in/],
		["a_total / b", /same labels/],
		["b * on (y) a_total", /no label y in/],
	])("%s is refused", (query, problem) => expect(() => checkQuery(query, toys)).toThrow(problem));
});

describe("in the chart", () => {
	beforeAll(() => helm("version"), HELM_TIMEOUT);
	const configMaps = async (chosen: Record<string, unknown>) =>
		only(await template(...set(chosen)), "ConfigMap").filter(({ metadata }) => metadata.name.includes("-dashboard-"));

	it("are ConfigMaps that Grafana's sidecar finds, when they are wanted", async () => {
		expect(await configMaps({})).toEqual([]);
		const found = await configMaps({ "dashboards.enabled": true });
		expect(
			found.map(({ metadata: { name, namespace, labels } }) => [name, namespace, labels?.["grafana_dashboard"]]),
		).toEqual(FILES.map((file) => [`prism-operator-dashboard-${file.replace(".json", "")}`, NAMESPACE, "1"]));
		for (const [index, file] of FILES.entries()) {
			expect(JSON.parse(String(at(found[index], "data", file)))).toEqual(read(file));
		}
	});

	it("go where they are told to go", async () => {
		const [found] = await configMaps({
			"dashboards.enabled": true,
			"dashboards.namespace": "grafana",
			"dashboards.labels": { dashboards: "yes", grafana_dashboard: null },
			"dashboards.annotations": { grafana_folder: "Prism" },
		});
		expect(found?.metadata.namespace).toBe("grafana");
		expect(found?.metadata.annotations).toEqual({ grafana_folder: "Prism" });
		expect(found?.metadata.labels).toMatchObject({ dashboards: "yes" });
		expect(found?.metadata.labels).not.toHaveProperty("grafana_dashboard");
	});
});
