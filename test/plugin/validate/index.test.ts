import { describe, expect, it } from "vitest";
import { problemLine, validate } from "../../../plugin/validate/index.ts";
import { locate } from "../../../plugin/validate/positions.ts";
import { readConfig } from "../../../server/config.ts";

const CONTEXT = { now: "2026-01-01T00:00:00Z", installation: readConfig({}).installation };
const linesOf = (...texts: string[]) =>
	validate(
		texts.map((text, index) => ({ source: `${"abc"[index]}.yaml`, text })),
		CONTEXT,
	).problems.map(problemLine);

const head = (kind: string, name = "it") =>
	`apiVersion: prism.io/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

describe("objects that make one child", () => {
	const runner = (name: string) => `${head("PatternRunner", name)}spec: { pattern: keyvalue, backend: memstore }\n`;
	const stack = (name: string, spec: string) => `${head("PrismStack", name)}spec: ${spec}\n`;

	it.each([
		[
			"a runner of a stack that is given itself",
			[stack("a", "{ patterns: [{ name: kv, type: keyvalue, backend: memstore }] }"), runner("kv")],
			[
				/^a\.yaml:3:13: error: PrismStack a: metadata\.name: it creates PatternRunner default\/kv, which is another object/,
			],
		],
		[
			"runners of two stacks",
			["a", "b"].map((name) => stack(name, "{ patterns: [{ name: kv, type: keyvalue, backend: memstore }] }")),
			[
				/^b\.yaml:.*: it creates PatternRunner default\/kv and \d more, which PrismStack default\/a creates too: only one/,
			],
		],
		[
			"a runner with the name of a stack's proxies",
			[stack("shop", "{}"), runner("shop-proxy")],
			[/^b\.yaml:.*: it creates Deployment default\/shop-proxy and 2 more, which PrismStack default\/shop creates too/],
		],
		[
			"a Service that is given",
			[`apiVersion: v1\nkind: Service\nmetadata: { name: kv, namespace: default }\n`, runner("kv")],
			[
				/^b\.yaml:.*: it creates Service default\/kv, which is another object of these files: only one of them can own it$/,
			],
		],
		[
			"none, though their names could be read in two ways",
			[
				stack("a", "{ backends: [{ name: b-c, type: cache, provider: memstore }] }"),
				stack("a-b", "{ backends: [{ name: c, type: cache, provider: memstore }] }"),
			],
			[],
		],
	])("%s", (_, texts, wanted) => {
		const errors = linesOf(...texts).filter((line) => line.includes(": error: "));
		expect(errors).toEqual(wanted.map((line) => expect.stringMatching(line) as string));
	});
});

describe("sizes and numbers", () => {
	const stack = (config: string) =>
		`${head("PrismStack")}spec: { patterns: [{ name: kv, type: keyvalue, backend: memstore, config: ${config} }] }\n`;

	it.each([
		["an integer beyond 2^53", stack("{ id: 9007199254740993 }"), /patterns\[0\]\.config\.id: integers beyond 2\^53/],
		["a key that is lost", stack('{ "__proto__": { a: 1 } }'), /config\.__proto__: a field of this name is not kept/],
		[
			"a child that is too large",
			stack(`{ blob: ${"x".repeat(140_000)} }`),
			/PatternRunner kv: InvalidSpec: spec\.config\.blob is too large/,
		],
		[
			"levels",
			stack(`${"[".repeat(1000)}1${"]".repeat(1000)}`.replace(/^/, "{ a: ").concat(" }")),
			/nests more than 128 levels/,
		],
		[
			"a quantity",
			`${head("PatternRunner")}spec: { pattern: a, backend: b, resources: { limits: { cpu: 1000E } } }\n`,
			/must be a quantity of at most/,
		],
	])("%s is an error", (_, text, says) => {
		expect(linesOf(text).filter((line) => line.includes(": error: "))).toEqual([expect.stringMatching(says)]);
	});
});

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
			[/^a\.yaml:6:5: error: PrismStack it: metadata\.annotations\.prism\.io\/paused: must be a string/],
		],
		[
			"an unknown field beside spec",
			"apiVersion: prism.io/v1alpha1\nkind: PrismStack\nmetadata: { name: it, label: { a: b } }\nsepc: {}\nspec: {}\n",
			[
				"a.yaml:3:23: error: PrismStack it: metadata.label: unknown field",
				"a.yaml:4:1: error: PrismStack it: sepc: unknown field",
			],
		],
		[
			"a name in capitals",
			"apiVersion: prism.io/v1alpha1\nkind: PrismStack\nmetadata: { name: Shop }\nspec: {}\n",
			[/error: PrismStack Shop: metadata\.name must be a DNS label/],
		],
		[
			"a name in capitals, of a kind without a rule, and its namespace's",
			"apiVersion: prism.io/v1alpha1\nkind: PrismNamespace\nmetadata: { name: Shop, namespace: Team }\nspec: { backend: postgres }\n",
			[
				/PrismNamespace Team\/Shop: metadata\.name: must be of lower-case/,
				/metadata\.namespace: must be of lower-case/,
				/warning: .*no PrismShard/,
			],
		],
		[
			"keys and values of labels, and keys of annotations",
			`apiVersion: prism.io/v1alpha1\nkind: PrismStack\nmetadata:\n  name: it\n  labels: { "a b": x, c: "!" }\n  annotations: { "d/e/f": x, G.io/h: x }\nspec: {}\n`,
			[
				/^a\.yaml:5:\d+: error: PrismStack it: metadata\.labels\.a b: must be a key/,
				/^a\.yaml:5:\d+: error: PrismStack it: metadata\.labels\.c: must be of letters/,
				/^a\.yaml:6:\d+: error: PrismStack it: metadata\.annotations\.d\/e\/f: must be a key/,
			],
		],
		[
			"too many annotations",
			`apiVersion: prism.io/v1alpha1\nkind: PrismStack\nmetadata:\n  name: it\n  annotations: { a: ${"x".repeat(262_144)} }\nspec: {}\n`,
			[/error: PrismStack it: metadata\.annotations: has 262145 bytes, and may have 262144/],
		],
		[
			"what the hooks refuse of keys and operators",
			`${head("PrismStack")}spec:\n  proxy:\n    resources: { requests: { cpus: 1 } }\n`,
			[/error: PrismStack it: spec\.proxy\.resources\.requests: must be cpu, memory, ephemeral-storage/],
		],
		[
			"an object without a name",
			"apiVersion: prism.io/v1alpha1\nkind: PrismStack\n",
			[/error: cannot read a\.yaml, document 1: metadata\.name is missing/],
		],
		[
			"what the hooks warn of",
			`${head("PrismStack")}spec:\n  proxy:\n    image: x:latest\n`,
			[/^a\.yaml:6:5: warning: PrismStack it: spec\.proxy\.image: Image x:latest has no fixed version/],
		],
		[
			"what the hooks would not carry out",
			`${head("PatternRunner")}spec:\n  pattern: keyvalue\n  backend: memstore\n  config:\n    password: hunter2\n`,
			[
				/^a\.yaml:8:5: warning: PatternRunner it: spec\.config\.password: the operator would reject it: InlineCredentials/,
			],
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

	const there = (allowed: string, kind = "PrismStack", spec = "") =>
		`${head(kind, "shared").replace("{ name:", "{ namespace: pool, name:")}spec: { ${spec}allowedNamespaces: ${allowed} }\n`;
	const tenant = (place: string, spec: string) => `${head("PrismNamespace", "acme")}spec:\n  ${place}\n  ${spec}\n`;
	const proxies = "proxyRef: { name: shared-proxy, namespace: pool }";
	const shards = "shard: { namespace: pool }";
	const CEILING = "{ from: All, ceilings: { maxKeys: 10 } }";
	it.each<[string, string, string, string[]]>([
		["a quota at the ceiling", there(CEILING), tenant(proxies, "quotas: { maxKeys: 10 }"), []],
		[
			"a quota above the ceiling of a stack",
			there(CEILING),
			tenant(proxies, "quotas: { maxKeys: 11 }"),
			[
				"b.yaml:6:13: error: PrismNamespace acme: spec.quotas.maxKeys: The PrismStack of shared-proxy in namespace pool does not allow this to other namespaces: spec.quotas.maxKeys 11 (at most 10)",
			],
		],
		[
			"a quota without a value",
			there(CEILING),
			tenant(proxies, "quotas: { maxConnections: 1 }"),
			[
				expect.stringContaining(
					"error: PrismNamespace acme: spec.quotas.maxKeys: The PrismStack of shared-proxy in namespace pool",
				) as string,
			],
		],
		[
			"backend settings, for a shard",
			there("{ from: List, names: [default] }", "PrismShard", "backends: [redis], "),
			tenant(shards, "backend: redis\n  backendConfig: { pool_size: 2 }"),
			[
				"b.yaml:7:3: warning: PrismNamespace acme: spec.backendConfig: PrismShard shared in namespace pool does not allow this to other namespaces: spec.backendConfig (pool_size)",
			],
		],
		[
			"backend settings, for one of two shards",
			`${there("{ from: All }", "PrismShard", "backends: [redis], ")}---\n${there("{ from: All, backendConfig: true }", "PrismShard", "backends: [redis], ").replace("shared", "wide")}`,
			tenant(shards, "backend: redis\n  backendConfig: { pool_size: 2 }"),
			[],
		],
	])("to a place of another namespace are held to its bounds: %s", (_, place, object, lines) => {
		expect(linesOf(place, object).filter((line) => line.startsWith("b.yaml"))).toEqual(lines);
	});

	const remote = `${head("PrismShard", "live")}spec: { plugins: [{ name: search, deployment: remote }] }\n`;
	const plugin = (type: string) =>
		`${head("PrismPlugin", "search")}spec: { version: "1.0.0", deployment: { type: ${type} } }\n`;

	it("are followed: what the hooks say of an object is said with the others at hand", () => {
		expect(linesOf(remote, plugin("remote"))).toEqual([]);
		expect(linesOf(remote, plugin("sidecar"))).toEqual([
			'a.yaml:4:9: warning: PrismShard live: spec.plugins: "search" is remote, but PrismPlugin search has type sidecar: nothing serves it',
			"b.yaml:4:41: warning: PrismPlugin search: spec.deployment.type: Shards use the remote form, which nothing serves unless spec.deployment.type is remote: live",
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

	it("are those of what is written in other ways: quoted, in braces, by an alias, over several lines, or not at all", () => {
		const text = ['"a.b": &x { c: [1, "q"] }', "d:", "  - *x", "  -", "  - |", "    text", "'e':", "? f", ": g"].join(
			"\n",
		);
		const [object] = locate(text);
		const at = (path: string) => `${object?.at(path).line}:${object?.at(path).column}`;
		expect(["a.b", "a.b.c", "a.b.c[1]", "d[0]", "d[2]", "e", "e.deeper", "f"].map(at).join(" ")).toBe(
			"1:1 1:13 1:20 3:5 6:1 7:1 7:1 8:3",
		);
	});

	it("are those of a List's items, and of documents that are null", () => {
		const list = "kind: List\nitems:\n- a: 1\n- b: 2\n";
		expect(locate(`${list}---\n~\n---\nnull\n---\nc: 3\n`).map(({ position }) => position.line)).toEqual([3, 4, 10]);
	});

	it("are those of documents that hold something", () => {
		expect(locate("---\n# nothing\n---\na: 1\n---\nb: 2\n").map(({ position }) => position.line)).toEqual([4, 6]);
	});
});

describe("a file that is hard to read", () => {
	const runner = `${head("PatternRunner")}spec: { pattern: keyvalue, backend: memstore, replicas: -1 }\n`;
	const item = JSON.stringify({
		apiVersion: "prism.io/v1alpha1",
		kind: "PatternRunner",
		metadata: { name: "it" },
		spec: { pattern: "keyvalue", backend: "memstore", replicas: -1 },
	});
	const bomb = Array.from({ length: 9 }, (_, index) => `a${index}: &a${index} [${`*a${index - 1},`.repeat(9)}]`);

	it.each<[what: string, text: string, says: string]>([
		[
			"aliases of aliases",
			`${runner.replace("-1", "1")}${["a0: &a0 [1]", ...bomb.slice(1)].join("\n")}`,
			"a.yaml: error: cannot parse a.yaml: its aliases stand for more than 500000 values",
		],
		[
			"thousands of levels",
			runner.replace("-1", `${"{ a: ".repeat(20_000)}1${" }".repeat(20_000)}`),
			"error: cannot parse a.yaml",
		],
		[
			"a list in a list",
			`{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [${item}]}]}`,
			"spec.replicas",
		],
		[
			"a list of one kind",
			`{apiVersion: prism.io/v1alpha1, kind: PatternRunnerList, items: [${item}]}`,
			"spec.replicas",
		],
		[
			"a name that is a number",
			runner.replace("name: it", "name: 12"),
			'metadata.name must be a string: quote it, "12"',
		],
		[
			"a name that is a boolean",
			runner.replace("name: it", "name: on"),
			'metadata.name must be a string: quote it, "true"',
		],
		[
			"a finalizer",
			runner.replace("name: it", "name: it, finalizers: [x]"),
			"metadata.finalizers[0]: must have a domain",
		],
	])("%s", (_what, text, says) => {
		const lines = linesOf(text);
		expect(lines.join("\n")).toContain(says);
		expect(lines.length).toBeLessThan(3);
	});

	it("an empty namespace is none", () => {
		const text = runner.replace("name: it", 'name: it, namespace: "", finalizers: [orphan]').replace("-1", "1");
		expect(linesOf(text)).toEqual([]);
	});
});
