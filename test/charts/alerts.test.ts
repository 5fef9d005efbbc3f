import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { expect, it } from "vitest";
import { at, CHART_FOLDER, list } from "./helm.ts";

// The alerts against the metrics that are served, and against the pages that tell what to do.

const ROOT = join(import.meta.dirname, "../..");
const text = (path: string) => readFileSync(path, "utf8");
const ALERTS = list(load(text(join(CHART_FOLDER, "files/alerts.yaml"))));
const SERVED = new Set(
	[...text(join(ROOT, "docs/metrics.md")).matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name]) => name),
);

it.each(ALERTS.map((alert) => [String(alert["alert"]), String(alert["expr"])]))(
	"%s asks for metrics that are served, of this namespace only",
	(_name, expression) => {
		const asked = [...expression.matchAll(/\b((?:prism|process|nodejs)_\w+)(\{[^}]*\})?/g)];
		expect(asked.length).toBeGreaterThan(0);
		for (const [, metric = "", selector = ""] of asked) {
			expect([metric, SERVED.has(metric.replace(/_(bucket|sum|count)$/, "")) || SERVED.has(metric)]).toEqual([
				metric,
				true,
			]);
			expect(selector).toContain('namespace="$NAMESPACE"');
		}
	},
);

it("has a heading in docs/alerts.md for each, and none for others", () => {
	const headings = [...text(join(ROOT, "docs/alerts.md")).matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
	expect(headings).toEqual(ALERTS.map((alert) => alert["alert"]));
});

it("says of each how bad it is, and in two sentences what it means", () => {
	for (const alert of ALERTS) {
		expect(["warning", "critical"]).toContain(at(alert, "labels", "severity"));
		expect(at(alert, "annotations", "summary")).toMatch(/\.$/);
		expect(at(alert, "annotations", "description")).toMatch(/\.$/);
	}
});
