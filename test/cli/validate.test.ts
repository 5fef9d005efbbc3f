import { describe, expect, it } from "vitest";
import { problemLine, validate } from "../../cli/validate/index.ts";
import { locate } from "../../cli/validate/positions.ts";
import { readConfig } from "../../server/config.ts";

const CONTEXT = { now: "2026-01-01T00:00:00Z", installation: readConfig({}).installation };
const linesOf = (...texts: string[]) =>
	validate(
		texts.map((text, index) => ({ source: `${"abc"[index]}.yaml`, text })),
		CONTEXT,
	).problems.map(problemLine);

const head = (kind: string, name = "it") =>
	`apiVersion: prism.io/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

describe("problems", () => {
	it.each([
		[
			"a field that there is not",
			`${head("PrismStack")}spec:\n  proxy:\n    prot: 1\n`,
			["a.yaml:6:5: error: PrismStack it: spec.proxy.prot: unknown field"],
		],
		[
			"a wrong type in a list",
			`${head("PrismStack")}spec:\n  patterns:\n  - name: a\n    type: keyvalue\n    backend: memstore\n    replicas: two\n`,
			[/^a\.yaml:9:5: error: PrismStack it: spec\.patterns\[0\]\.replicas: expected integer/],
		],
		[
			"a broken rule, at what is nearest",
			`${head("BackendConfig")}spec: { type: cache, provider: redis }\n`,
			[/^a\.yaml:4:1: error: BackendConfig it: spec\.connection: connection\.url or/],
		],
		[
			"an older version",
			"apiVersion: prism.io/v1beta1\nkind: PrismStack\nmetadata: { name: it }\n",
			['a.yaml:1:1: error: PrismStack it: apiVersion: prism.io has no version "v1beta1", only v1alpha1'],
		],
		[
			"a kind that there is not",
			"\napiVersion: prism.io/v1alpha1\nkind: PrismStak\nmetadata: { name: it }\n",
			[/^a\.yaml:3:1: error: PrismStak it: kind: prism\.io has no kind "PrismStak": it has PrismStack,/],
		],
		[
			"a kind in other letters",
			"apiVersion: prism.io/v1alpha1\nkind: prismstack\nmetadata: { name: it }\n",
			['a.yaml:2:1: error: prismstack it: kind: "prismstack" is written PrismStack'],
		],
		[
			"a slip in the group",
			"apiVersion: prism.com/v1alpha1\nkind: PrismStack\nmetadata: { name: it }\n",
			[/apiVersion: PrismStack is of prism\.io\/v1alpha1, not of "prism\.com\/v1alpha1"/],
		],
		[
			"an annotation that is no text",
			`apiVersion: prism.io/v1alpha1\nkind: PrismStack\nmetadata:\n  name: it\n  annotations:\n    prism.io/paused: true\nspec: {}\n`,
			[/^a\.yaml:6:5: error: PrismStack it: metadata\.annotations\.prism\.io\/paused: must be a text/],
		],
		[
			"an object without a name",
			"apiVersion: prism.io/v1alpha1\nkind: PrismStack\n",
			[/error: a\.yaml, document 1: metadata\.name is missing/],
		],
		[
			"what the hooks warn of",
			`${head("PrismStack")}spec:\n  proxy:\n    image: x:latest\n`,
			[/^a\.yaml:1:1: warning: PrismStack it: image x:latest has no fixed version/],
		],
		[
			"what the hooks would not carry out",
			`${head("PatternRunner")}spec:\n  pattern: keyvalue\n  backend: memstore\n  config:\n    password: hunter2\n`,
			[/^a\.yaml:8:5: warning: PatternRunner it: spec\.config\.password: the hooks would refuse it: InlineCredentials/],
		],
	])("%s", (_, text, expected) => {
		const lines = linesOf(text);
		expect(lines).toHaveLength(expected.length);
		for (const [index, line] of lines.entries()) {
			const wanted = expected[index];
			if (wanted instanceof RegExp) expect(line).toMatch(wanted);
			else expect(line).toBe(wanted);
		}
		expect(lines.join("")).not.toContain("hunter2");
	});

	it("are found in Lists, beside objects of other kinds", () => {
		const list = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: { name: c }
- apiVersion: prism.io/v1alpha1
  kind: PrismStack
  metadata: { name: it }
  spec: { prxy: {} }
`;
		expect(linesOf(list)).toEqual(["a.yaml:10:11: error: PrismStack it: spec.prxy: unknown field"]);
		expect(validate([{ source: "a", text: list }], CONTEXT)).toMatchObject({ checked: 1, skipped: 1 });
	});
});

describe("references", () => {
	const stack = `${head("PrismStack", "shop")}spec: { backends: [{ name: redis, type: cache, connectionString: "redis://r:6379" }] }\n`;

	it.each([
		[
			"a BackendConfig",
			`${head("PatternRunner")}spec: { pattern: keyvalue, backend: redis, backendConfig: { name: shp-redis } }\n`,
			/spec\.backendConfig\.name: no BackendConfig "shp-redis"/,
		],
		[
			"proxies",
			`${head("PrismNamespace")}spec: { proxyRef: { name: shop } }\n`,
			/the proxies of PrismStack shop are "shop-proxy"/,
		],
		[
			"a shard",
			`${head("PrismNamespace")}spec: { backend: postgres, pattern: keyvalue }\n`,
			/spec\.backend: no PrismShard in these files serves it/,
		],
		[
			"a plugin",
			`${head("PrismShard")}spec: { plugins: [{ name: clickhouse }] }\n`,
			/spec\.plugins\[0\]\.name: no PrismPlugin "clickhouse"/,
		],
		[
			"a remote plugin",
			`${head("PrismShard")}spec: { plugins: [{ name: clickhouse, deployment: remote }] }\n`,
			/spec\.plugins\[0\]\.name: no PrismPlugin "clickhouse" in these files: nothing would serve it$/,
		],
	])("to %s that is not there are warnings", (_, text, message) => {
		const lines = linesOf(stack, text).filter((line) => line.startsWith("b.yaml"));
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(message);
		expect(lines[0]).toContain(": warning: ");
	});

	it.each([
		[
			"the BackendConfig that a stack makes",
			`${head("PatternRunner")}spec: { pattern: keyvalue, backend: redis, backendConfig: { name: shop-redis } }\n`,
		],
		["a stack's proxies", `${head("PrismNamespace")}spec: { proxyRef: { name: shop-proxy } }\n`],
		[
			"a shard of another file",
			`${head("PrismNamespace")}spec: { backend: redis, pattern: keyvalue }\n---\n${head("PrismShard", "live")}spec: { backends: [redis] }\n`,
		],
	])("to %s are fine", (_, text) =>
		expect(linesOf(stack, text).filter((line) => /no (Back|Prism)/.test(line))).toEqual([]),
	);

	const remote = `${head("PrismShard", "live")}spec: { plugins: [{ name: search, deployment: remote }] }\n`;
	const plugin = (type: string) =>
		`${head("PrismPlugin", "search")}spec: { version: "1.0.0", deployment: { type: ${type} } }\n`;

	it("are followed: what the hooks say of an object is said with the others at hand", () => {
		expect(linesOf(remote, plugin("remote"))).toEqual([]);
		expect(linesOf(remote, plugin("sidecar"))).toEqual([
			'a.yaml:4:9: warning: PrismShard live: spec.plugins: "search" is remote, but PrismPlugin search has type sidecar: nothing serves it',
			"b.yaml:4:41: warning: PrismPlugin search: spec.deployment.type: shards use the remote form, which nothing serves unless spec.deployment.type is remote: live",
		]);
		expect(linesOf(remote, plugin("remote").replace("{ name:", "{ namespace: other, name:"))).toEqual([
			expect.stringContaining('no PrismPlugin "search" in these files'),
		]);
	});

	it("are followed to what they become: a runner with the BackendConfig beside it", () => {
		const runner = `${head("PatternRunner")}spec: { pattern: keyvalue, backend: redis, backendConfig: { name: cache } }\n`;
		const backend = `${head("BackendConfig", "cache")}spec: { type: cache, connection: { url: "redis://r:6379" } }\n`;
		expect(linesOf(runner, backend)).toEqual([]);
	});

	it("tell when the same object is there twice", () => {
		expect(linesOf(stack, stack)).toContainEqual(
			expect.stringMatching(
				/^b\.yaml:3:\d+: warning: PrismStack shop: metadata\.name: the same object is at a\.yaml:1 already/,
			),
		);
	});
});

describe("places", () => {
	it("are of keys, also of those with dots, and of what is nearest", () => {
		const [object] = locate("metadata:\n  labels:\n    a.b/c: x\nspec:\n  list:\n  - one: 1\n  - two: 2\n");
		expect(object?.at("metadata.labels.a.b/c")).toEqual({ line: 3, column: 5 });
		expect(object?.at("spec.list[1].two")).toEqual({ line: 7, column: 5 });
		expect(object?.at("spec.list[1].three")).toEqual({ line: 7, column: 5 });
		expect(object?.at("spec.absent.deeper")).toEqual({ line: 4, column: 1 });
	});

	it("are those of documents that hold something", () => {
		expect(locate("---\n# nothing\n---\na: 1\n---\nb: 2\n").map(({ position }) => position.line)).toEqual([4, 6]);
	});
});
