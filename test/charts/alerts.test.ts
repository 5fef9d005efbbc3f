import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { beforeAll, describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { at, CHART_FOLDER, HELM_TIMEOUT, helm, list, NAMESPACE, only, set, template } from "./helm.ts";
import { checkQuery, type Served } from "./promql.ts";
import { servedByHooks, servedByKubeStateMetrics } from "./served.ts";

// The alerts against the metrics and labels that are really served, and against their runbooks.

const ROOT = join(import.meta.dirname, "../..");
const RUNBOOKS = join(ROOT, "docs/runbooks");
const text = (path: string) => readFileSync(path, "utf8");
const alertsIn = (file: string) => list(load(text(join(CHART_FOLDER, "files", file))));
const OURS = alertsIn("alerts.yaml");
const RESOURCES = alertsIn("alerts-resources.yaml");
const ALERTS = [...OURS, ...RESOURCES];
const NAMES = ALERTS.map(({ alert }) => String(alert));

let served: Served;
beforeAll(async () => {
	served = new Map([...(await servedByHooks()).served, ...servedByKubeStateMetrics()]);
}, 60_000);

describe.each(ALERTS.map((alert): [string, Record<string, unknown>] => [String(alert["alert"]), alert]))(
	"%s",
	(name, alert) => {
		const expression = String(alert["expr"]);

		it("uses metrics that are served, and labels that its result has", () => {
			const { labels, metrics } = checkQuery(expression.replaceAll("$NAMESPACE", NAMESPACE), served);
			expect(metrics.size).toBeGreaterThan(0);
			const annotations = JSON.stringify(alert["annotations"]);
			for (const [, label = ""] of annotations.matchAll(/\$labels\.(\w+)/g))
				expect([label, labels?.has(label)]).toEqual([label, true]);
			expect(new Set(annotations.match(/\{\{[^}]*\}\}/g)?.map((part) => part.replace(/\.\w+/, "")))).toEqual(
				new Set(
					[...annotations.matchAll(/\{\{ (\$labels|\$value)(?:\.\w+)?( \| humanizeDuration)? \}\}/g)].map(
						([, what, how = ""]) => `{{ ${what}${how} }}`,
					),
				),
			);
		});

		it("has a severity, a duration, a summary and a description", () => {
			expect(["warning", "critical"]).toContain(at(alert, "labels", "severity"));
			for (const annotation of ["summary", "description"]) expect(at(alert, "annotations", annotation)).toMatch(/[.]$/);
			if (alert["for"] !== undefined) expect(alert["for"]).toMatch(/^\d+[mh]$/);
		});

		it("has a runbook with meaning, impact, diagnosis and mitigation", () => {
			const page = text(join(RUNBOOKS, `${name}.md`));
			expect(page.split("\n")[0]).toBe(`# ${name}`);
			const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
			expect(headings).toEqual(["Meaning", "Impact", "Diagnosis", "Mitigation"]);
			const diagnosis = page.slice(page.indexOf("## Diagnosis"), page.indexOf("## Mitigation"));
			expect(diagnosis).toMatch(/```sh\n(kubectl|curl) /);
			for (const [, target = ""] of page.matchAll(/\]\(([^)#]+\.md)(?:#[^)]*)?\)/g)) {
				expect([target, existsSync(join(RUNBOOKS, target))]).toEqual([target, true]);
			}
		});
	},
);

it("are unique, and every runbook belongs to one of them", () => {
	expect(new Set(NAMES).size).toBe(NAMES.length);
	expect(readdirSync(RUNBOOKS).toSorted()).toEqual(NAMES.map((name) => `${name}.md`).toSorted());
});

it("are listed in docs/alerts.md, with their severity", () => {
	const rows = [...text(join(ROOT, "docs/alerts.md")).matchAll(/^\| \[(\w+)\]\(runbooks\/(\w+)\.md\) \| (\w+) \|/gm)];
	expect(rows.map(([, name, page, severity]) => [name, page, severity])).toEqual(
		ALERTS.map((alert) => [alert["alert"], alert["alert"], at(alert, "labels", "severity")]),
	);
});

it("on the operator select this release's namespace only", () => {
	for (const { expr } of OURS) {
		const selectors = [...String(expr).matchAll(/\b(?:prism|process|nodejs)_\w+(\{[^}]*\})?/g)];
		expect(selectors.length).toBeGreaterThan(0);
		for (const [, selector = ""] of selectors) expect(selector).toContain('namespace="$NAMESPACE"');
	}
});

it("on custom resources cover every CRD with a webhook", () => {
	const kinds = REGISTRY.map(({ parent }) => parent.singular).join("|");
	for (const { expr } of RESOURCES) {
		for (const [, named] of String(expr).matchAll(/kube_\(([^)]*)\)/g)) expect(named).toBe(kinds);
	}
});

describe("in the chart", () => {
	beforeAll(() => helm("version"), HELM_TIMEOUT);
	const groups = async (values: Record<string, unknown>) => {
		const [rule] = only(await template(...set({ "prometheusRule.enabled": true, ...values })), "PrometheusRule");
		return list(at(rule, "spec", "groups"));
	};
	const namesIn = (group: unknown) => list(at(group, "rules")).map(({ alert }) => alert);

	it("are those on the operator, and with kube-state-metrics those on custom resources", async () => {
		expect((await groups({})).map(namesIn)).toEqual([OURS.map(({ alert }) => alert)]);
		expect((await groups({ "kubeStateMetrics.enabled": true })).map(namesIn)).toEqual([
			OURS.map(({ alert }) => alert),
			RESOURCES.map(({ alert }) => alert),
		]);
	});

	it("link to their runbooks if runbookUrl is set", async () => {
		const urls = async (values: Record<string, unknown>) =>
			(await groups({ "kubeStateMetrics.enabled": true, ...values })).flatMap((group) =>
				list(at(group, "rules")).map((rule) => at(rule, "annotations", "runbook_url")),
			);
		expect(new Set(await urls({}))).toEqual(new Set([undefined]));
		const there = NAMES.map((name) => `https://wiki.example/runbooks/${name}.md`);
		expect(await urls({ "prometheusRule.runbookUrl": "https://wiki.example/runbooks" })).toEqual(there);
		expect(await urls({ "prometheusRule.runbookUrl": "https://wiki.example/runbooks/" })).toEqual(there);
	});
});
