import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { convert } from "../../plugin/convert/index.ts";
import { pluginProgram } from "../../plugin/program.ts";
import { problemLine, validate } from "../../plugin/validate/index.ts";
import { readConfig } from "../../server/config.ts";
import { expectGolden } from "../plugin/world.ts";

// docs/kubectl-prism.md shows what the commands print: each example is a golden file, so that it can't drift. UPDATE=1 writes
// the page's examples anew.

const PAGE = join(import.meta.dirname, "../../docs/kubectl-prism.md");
const GOLDEN = join(import.meta.dirname, "../plugin/golden");
const EXAMPLE = /(<!-- golden: (\S+?)(?: (\d+))? -->\n```console\n\$ [^\n]*\n)([\s\S]*?)(```\n)/g;

const example = (name: string, most: string | undefined): string => {
	const lines = readFileSync(join(GOLDEN, `${name}.txt`), "utf8")
		.trimEnd()
		.split("\n");
	const shown = most === undefined ? lines : [...lines.slice(0, Number(most)), "..."];
	return `${shown.join("\n")}\n`;
};

const SHOP = `apiVersion: prism.io/v1alpha1
kind: PrismStack
metadata:
  name: shop
  annotations:
    prism.io/paused: true
spec:
  proxy:
    port: grpc
    replica: 3
---
apiVersion: prism.io/v1alpha1
kind: PrismNamespace
metadata: { name: acme }
spec: { proxyRef: { name: shop } }
`;

const ORDERS = `apiVersion: prism.io/v1alpha1
kind: PrismPattern
metadata: { name: orders, namespace: team-a }
spec:
  pattern: consumer
  backend: kafka
  image: ghcr.io/example/consumer-runner:v1.2.0
  replicas: 2
  backendConfig: { name: kafka, namespace: backends }
  placement: { strategy: MultiZone, nodeName: node-1 }
`;

describe("the page of kubectl prism", () => {
	it("shows problems as they are printed", () => {
		const context = { now: "2026-01-01T00:00:00Z", installation: readConfig({}).installation };
		const { problems } = validate([{ source: "shop.yaml", text: SHOP }], context);
		expectGolden("validate", `${problems.map(problemLine).join("\n")}\n`);
	});

	it("shows what a conversion prints", () => {
		expectGolden("convert", convert(ORDERS, "orders.yaml").text);
	});

	it("has examples that are what is printed", () => {
		const page = readFileSync(PAGE, "utf8");
		const fresh = page.replaceAll(
			EXAMPLE,
			(_, head: string, name: string, most: string | undefined, _old, tail: string) =>
				`${head}${example(name, most)}${tail}`,
		);
		if (process.env["UPDATE"] === "1") writeFileSync(PAGE, fresh);
		expect([...page.matchAll(EXAMPLE)].length).toBeGreaterThan(6);
		expect(fresh).toBe(readFileSync(PAGE, "utf8"));
	});

	it("names every command", () => {
		const page = readFileSync(PAGE, "utf8");
		for (const command of pluginProgram().commands) expect(page).toContain(`\`${command.name()}`);
	});
});
