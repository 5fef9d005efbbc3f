import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { credentialPaths } from "../kube/connection.ts";
import { isRecord } from "../kube/object.ts";
import { type Problem, validateFiles } from "../plugin/validate/index.ts";
import { PROVIDER_NAMES } from "../schemas/providers.ts";
import { ROOT, recordsNamed, samples, secretCommands } from "./samples.ts";
import { installation, NOW } from "./server/toy.ts";

// What holds for the samples as files; test/integration/samples.test.ts applies them. UPDATE=1 writes their table anew.

const SAMPLES = samples();
const DOCUMENTS = globSync("documents/*.yaml", { cwd: join(ROOT, "samples") }).toSorted();
const README = join(ROOT, "samples/README.md");

const KINDS_OF_PLUGINS = ["in-process", "remote", "sidecar"];

/** What a sample means to do, and earns a warning for; or what a document's has, to the letter. */
const LATEST = "has no fixed version: pods that start later may run another one";
const ONE_PORT =
	"spec.observability.metrics.port: equals spec.proxy.port 9090: one port serves both; give metrics a port of its own";
const FORGETS =
	"warning: spec.admin.storage: is not set: the admin pod loses its namespaces when it is replaced, until they are pushed again";
const SHARE_NOTHING =
	"warning: spec.admin.storage: is not set: each of the 2 admin pods has namespaces of its own, and loses them when it is replaced";
const MEANT: Readonly<Record<string, readonly string[]>> = {
	"quickstart.yaml": [FORGETS],
	// One plugin has a PrismPlugin in plugin-rollout.yaml, the other the installation's image.
	"shards.yaml": [
		'warning: spec.plugins[0].name: no PrismPlugin "postgres" in these files: the installation\'s image would be used',
	],
	"documents/adr-037-prismnamespace-backend.yaml": ["warning: spec.shard: no PrismShard in these files serves it"],
	"documents/adr-037-prismnamespace-minimal.yaml": ["warning: spec.backend: no PrismShard in these files serves it"],
	"documents/adr-037-prismshard.yaml": [
		'warning: spec.plugins[0].name: no PrismPlugin "postgres" in these files: the installation\'s image would be used',
		'warning: spec.plugins[1].name: no PrismPlugin "redis" in these files: the installation\'s image would be used',
	],
	"documents/memo-036-backendconfig-nats-production.yaml": [
		"warning: spec.connection.url: is not used: key nats-url of Secret nats-credentials wins",
	],
	"documents/memo-036-patternrunner-keyvalue-memstore-001.yaml": [
		`warning: spec.image: Image ghcr.io/prism/keyvalue-runner:latest ${LATEST}`,
		'warning: spec.backendConfig.name: no BackendConfig "memstore-config" in these files',
	],
	"documents/memo-036-prismstack-prism-dev.yaml": [
		`warning: spec.proxy.image: Image ghcr.io/prism/prism-proxy:latest ${LATEST}`,
		FORGETS,
		'warning: spec.backends: has "postgres", which no pattern uses',
		`warning: ${ONE_PORT}`,
		`warning: spec.proxy.image: Image ghcr.io/prism/prism-proxy:latest ${LATEST}`,
		FORGETS,
	],
	"documents/memo-036-prismstack-prism-multi-backend.yaml": [
		`warning: spec.proxy.image: Image prism-proxy:latest ${LATEST}`,
	],
	"documents/memo-036-prismstack-prism-nats.yaml": [`warning: spec.proxy.image: Image prism-proxy:latest ${LATEST}`],
	"documents/memo-036-prismstack-prism-production.yaml": [
		"warning: The proxy's podAntiAffinity selects component=prism-proxy, which matches none of its own pods (labels app=prism-proxy, component=proxy)",
		`warning: spec.proxy.image: Image prism-proxy:latest ${LATEST}`,
		SHARE_NOTHING,
		SHARE_NOTHING,
		`warning: ${ONE_PORT}`,
	],
	"documents/memo-036-prismnamespace-tenant-acme-prod.yaml": [
		'warning: spec.proxyRef.name: no PrismStack in these files has proxies "prism-dev-proxy"',
	],
	"documents/memo-036-prismnamespace-tenant-beta-staging.yaml": [
		'warning: spec.proxyRef.name: no PrismStack in these files has proxies "prism-dev-proxy"',
	],
};

/** Without what only the place in the file says. */
const shortLine = ({ level, message }: Problem): string => `${level}: ${message}`;

describe("the samples", () => {
	it("are of every size, every backend and every form of plugin", () => {
		const names = SAMPLES.map(({ name }) => name);
		for (const name of ["minimal", "quickstart", "production", "multi-backend", "tenants", "shards"])
			expect(names).toContain(`${name}.yaml`);
		const within = (folder: string) => names.filter((name) => name.startsWith(folder)).toSorted();
		expect(within("backends/")).toEqual(PROVIDER_NAMES.map((name) => `backends/${name}.yaml`).toSorted());
		expect(within("plugins/")).toEqual(KINDS_OF_PLUGINS.map((name) => `plugins/${name}.yaml`));
	});

	it("get along in one cluster: no two objects have the same name, and no two patterns", () => {
		const objects = SAMPLES.flatMap((sample) => sample.objects);
		const patterns = objects.flatMap(({ metadata, spec }) =>
			isRecord(spec) && Array.isArray(spec["patterns"])
				? spec["patterns"].filter(isRecord).map(({ name }) => `PatternRunner ${metadata.namespace}/${String(name)}`)
				: [],
		);
		const named = [
			...objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
			...patterns,
		];
		expect(named.filter((name, index) => named.indexOf(name) !== index)).toEqual([]);
	});

	it("are in a table of their own", () => {
		const rows = SAMPLES.map(
			({ name, shows, checked }) =>
				`| [${name}](${name}) | ${shows} | ${checked ? "Ready when its backends answer" : "Ready"} |`,
		);
		const begin = "| sample | shows | on the local cluster |\n|---|---|---|\n";
		const text = readFileSync(README, "utf8");
		const [before = "", rest = ""] = text.split(begin);
		const after = rest.replace(/^(\|.*\n)*/, "");
		const wanted = `${before}${begin}${rows.join("\n")}\n${after}`;
		if (process.env["UPDATE"] === "1") writeFileSync(README, wanted);
		expect(readFileSync(README, "utf8")).toBe(wanted);
	});
});

describe.each(SAMPLES.map((sample) => [sample.name, sample] as const))("%s", (name, sample) => {
	const path = join("samples", name);

	it("says in a sentence what it shows, and how to try it", () => {
		expect(sample.shows).toMatch(/^\S.{20,140}\.$/);
		const tried = sample.commands.filter((command) => /^(make run|kubectl apply)\b/.test(command));
		expect(tried).toHaveLength(1);
		// Plain `make run` applies the quick start.
		if (name !== "quickstart.yaml") expect(tried[0]).toContain(path);
		expect(sample.commands.filter((command) => command.startsWith("kubectl get"))).not.toEqual([]);
	});

	it("is valid: fields, types, bounds and rules, without a warning that is not meant", () => {
		const { problems } = validateFiles([join(ROOT, path)], { now: NOW, installation });
		expect(problems.map(shortLine)).toEqual(MEANT[name] ?? []);
		expect(sample.objects.length).toBeGreaterThan(0);
	});

	it("carries no credentials, and says how to make every Secret that it names, with the keys that it uses", () => {
		expect(sample.objects.flatMap(({ spec }) => credentialPaths(spec)).filter((at) => !/\.keys\./.test(at))).toEqual(
			[],
		);
		const commands = secretCommands(sample);
		const wanted = sample.objects.flatMap((object) =>
			recordsNamed(object, "secretRef").map((reference) => ({
				name: String(reference["name"]),
				namespace: object.metadata.namespace ?? "default",
				keys: isRecord(reference["keys"]) ? Object.values(reference["keys"]).map(String) : [],
			})),
		);
		for (const { name: secret, namespace, keys } of wanted) {
			const made = commands.find((command) => command.name === secret && command.namespace === namespace);
			expect(made?.keys, secret).toEqual(expect.arrayContaining(keys));
		}
		expect(commands.map((command) => command.name).toSorted()).toEqual(
			wanted.map((reference) => reference.name).toSorted(),
		);
	});
});

describe("the documents' own samples", () => {
	it.each(DOCUMENTS)("%s is valid, without a warning that is not meant", (name) => {
		const { problems, checked } = validateFiles([join(ROOT, "samples", name)], { now: NOW, installation });
		expect(checked).toBeGreaterThan(0);
		expect(problems.map(shortLine)).toEqual(MEANT[name] ?? []);
	});
});

it("no warning is meant for a file that there is not", () => {
	const names = [...SAMPLES.map(({ name }) => name), ...DOCUMENTS];
	expect(Object.keys(MEANT).filter((name) => !names.includes(name))).toEqual([]);
});
