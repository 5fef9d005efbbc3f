import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { problemLine, validateFiles } from "../cli/validate/index.ts";
import { credentialPaths } from "../kube/connection.ts";
import { isRecord } from "../kube/object.ts";
import { ROOT, recordsNamed, samples, secretCommands } from "./samples.ts";
import { installation, NOW } from "./server/toy.ts";

// What holds for the samples as files; test/integration/samples.test.ts applies them. UPDATE=1 writes their table anew.

const SAMPLES = samples();
const README = join(ROOT, "samples/README.md");

const PROVIDERS = ["memstore", "redis", "nats", "postgres", "kafka", "sqlite", "s3"];
const KINDS_OF_PLUGINS = ["in-process", "remote", "sidecar"];

describe("the samples", () => {
	it("are of every size, every backend and every form of plugin", () => {
		const names = SAMPLES.map(({ name }) => name);
		for (const name of ["minimal", "quickstart", "production", "multi-backend", "tenants", "shards"])
			expect(names).toContain(`${name}.yaml`);
		const within = (folder: string) => names.filter((name) => name.startsWith(folder)).toSorted();
		expect(within("backends/")).toEqual(PROVIDERS.map((name) => `backends/${name}.yaml`).toSorted());
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

	it("is valid: fields, types, bounds and rules", () => {
		// A warning may be what was meant: a shard's plugin that has no PrismPlugin.
		const { problems } = validateFiles([join(ROOT, path)], { now: NOW, installation });
		const errors = problems.filter(({ level }) => level === "error");
		expect(errors.map(problemLine)).toEqual([]);
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
