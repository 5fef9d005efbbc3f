import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { isRecord, kindKey } from "../../kube/object.ts";
import { toStructural } from "../../kube/structural.ts";
import { objectProblems } from "../../kube/validation.ts";
import { readAnswers } from "../../plugin/record/golden-case.ts";
import { render } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Installation } from "../../schemas/installation.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { OPTIONAL_CRDS } from "../charts/optional-crds.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { SITUATIONS } from "../hooks/all-situations.ts";
import { answerTo, type Situation } from "../hooks/situations.ts";
import { INSTALLATION } from "../installation.ts";
import { ensureNamespaces, installKinds } from "./installed.ts";
import { RULE_CASES } from "./rule-cases.ts";

// What a real API server says of our definitions, of the samples, and of every child that the hooks answer.

const ROOT = join(import.meta.dirname, "../..");
const EVERYTHING_ON = { ...INSTALLATION, inlineCredentials: true, keda: true, serviceMonitors: true };

const yamlIn = (folder: string): string[] =>
	readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".yaml"))
		.map((name) => join(folder, name));

const objectOf = (kind: string, { name = "case", spec }: { name?: string; spec: unknown }): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name, namespace: "default" },
	spec,
});

/** The suite of one version; an installation may leave out what that version does not have. */
export const describeApi = (start: () => Promise<ControlPlane>, differences: Partial<Installation> = {}): void => {
	const CONTEXT = { now: "2026-01-01T00:00:00Z", installation: { ...EVERYTHING_ON, ...differences } };

	let cluster: ControlPlane;
	beforeAll(async () => {
		cluster = await start();
		await installKinds(cluster.store);
		for (const definition of OPTIONAL_CRDS) await cluster.store.apply(definition, { fieldManager: "test" });
		await ensureNamespaces(cluster.store, ["prism", "prism-system", "prism-prod", "prism-production"]);
	}, CLUSTER_TIMEOUT);
	afterAll(() => cluster.stop());

	const answered = (situation: Situation): readonly KubeObject[] =>
		answerTo({ ...situation, installation: { ...situation.installation, ...differences } }).children;

	const kubectl = async (...args: string[]): Promise<string> => {
		const { kubectl: program } = await testBinaries();
		const { stdout } = await promisify(execFile)(program, ["--kubeconfig", cluster.kubeconfig, ...args]);
		return stdout;
	};

	describe("rules", () => {
		const dryRun = (object: KubeObject) => cluster.store.apply(object, { fieldManager: "test", dryRun: true });
		const kindOf = (name: string) => REGISTRY.map(({ parent }) => parent).find(({ kind }) => kind === name);
		const offline = (object: KubeObject): string => {
			const kind = kindOf(object.kind);
			return kind === undefined ? "unknown kind" : objectProblems(kind, object).join("; ");
		};

		it.each(RULE_CASES)("$kind: $message", async ({ kind, message, before, accepted, rejected }) => {
			if (before !== undefined) await cluster.store.apply(objectOf(kind, before), { fieldManager: "test" });
			await expect(dryRun(objectOf(kind, accepted))).resolves.toBeDefined();
			await expect(dryRun(objectOf(kind, rejected))).rejects.toThrow(message);
		});

		it.each(RULE_CASES)(
			"offline as on the server: $kind: $message",
			({ kind, message, before, accepted, rejected }) => {
				expect(offline(objectOf(kind, accepted))).toBe("");
				// Behind a field, a message begins with a small letter. What can't be seen of one object alone is left to the server.
				if (before === undefined) expect(offline(objectOf(kind, rejected))).toContain(message.slice(1));
				else expect(offline(objectOf(kind, rejected))).toBe("");
			},
		);

		it("has a pair for every rule of every kind", () => {
			const rulesIn = (value: unknown): string[] => {
				if (Array.isArray(value)) return value.flatMap(rulesIn);
				if (!isRecord(value)) return [];
				const own = value["x-kubernetes-validations"];
				const messages = Array.isArray(own) ? own.filter(isRecord).map(({ message }) => String(message)) : [];
				return [...messages, ...Object.values(value).flatMap(rulesIn)];
			};
			for (const { parent } of REGISTRY) {
				const cases = RULE_CASES.filter(({ kind }) => kind === parent.kind);
				// A stack's patterns and backends carry the runners' and the backends' own rules, tried there.
				const all = RULE_CASES.filter(({ kind }) => kind === parent.kind || parent.kind === "PrismStack");
				const messages = [...parent.rules.map(({ message }) => message), ...rulesIn(toStructural(parent.spec))];
				const untried = messages.filter((message) => !all.some((entry) => message.includes(entry.message)));
				expect(untried).toEqual([]);
				expect(cases.length).toBeGreaterThan(0);
			}
		});

		it("has a new object not observed yet, so that nobody takes it for Current", async () => {
			for (const { parent } of REGISTRY) {
				const [{ accepted } = { accepted: { spec: {} } }] = RULE_CASES.filter(({ kind }) => kind === parent.kind);
				const object = objectOf(parent.kind, { ...accepted, name: "unobserved" });
				await cluster.store.apply(object, { fieldManager: "test" });
				const resource = await cluster.store.resourceOf(API_VERSION, parent.kind);
				const stored = await cluster.store.get(resource, "default", "unobserved");
				expect([parent.kind, stored?.["status"], stored?.metadata.generation]).toEqual([
					parent.kind,
					{ observedGeneration: 0 },
					1,
				]);
			}
		});

		it("refuses a field that no schema knows, and a value of the wrong type", async () => {
			await expect(dryRun(objectOf("PrismStack", { spec: { proxi: {} } }))).rejects.toThrow("spec.proxi");
			await expect(dryRun(objectOf("PrismStack", { spec: { proxy: { port: "grpc" } } }))).rejects.toThrow(
				"spec.proxy.port",
			);
			await expect(
				dryRun(
					objectOf("PatternRunner", { spec: { pattern: "kv", backend: "b", resources: { limits: { cpu: "much" } } } }),
				),
			).rejects.toThrow("spec.resources.limits.cpu");
		});
	});

	describe("samples", () => {
		it.each([...yamlIn("samples"), ...yamlIn("config/samples")])(
			"%s applies unchanged, by client and by server",
			async (file) => {
				await kubectl("apply", "--dry-run=server", "-f", join(ROOT, file));
				await kubectl("apply", "--server-side", "--dry-run=server", "-f", join(ROOT, file));
				expect(await kubectl("apply", "-f", join(ROOT, file))).toMatch(/created|configured|unchanged/);
			},
		);

		it("are listed together, by category", async () => {
			const listed = await kubectl("get", "prism", "-A", "-o", "name");
			expect(listed).toContain("prismstack.prism.io/prism-production");
			expect(listed).toContain("patternrunner.prism.io/keyvalue-memstore-001");
			expect(listed).toContain("backendconfig.prism.io/nats-production");
		});

		it("are explained field by field", async () => {
			const text = await kubectl("explain", "prismstack.spec.proxy");
			expect(text).toContain("The proxies: the data plane, which serves clients.");
			expect(text).toContain("Port on which each proxy serves its own admin API (gRPC).");
		});

		it("scale through the scale subresource", async () => {
			await kubectl("scale", "patternrunner/keyvalue-memstore-001", "-n", "prism-system", "--replicas=3");
			const replicas = await kubectl(
				"get",
				"patternrunner/keyvalue-memstore-001",
				"-n",
				"prism-system",
				"-o",
				"jsonpath={.spec.replicas}",
			);
			expect(replicas).toBe("3");
		});

		it("scale a shard, and show it in columns", async () => {
			await kubectl("scale", "prismshard/playback-live", "--replicas=4");
			expect(await kubectl("get", "prismshard/playback-live", "-o", "jsonpath={.spec.replicas}")).toBe("4");
			const [head = ""] = (await kubectl("get", "prismshards")).split("\n");
			expect(head.split(/\s+/)).toEqual(["NAME", "REPLICAS", "NAMESPACES", "RPS", "P99", "READY", "REASON", "AGE"]);
		});
	});

	describe("definitions", () => {
		it.each(REGISTRY.map(({ parent }) => parent))("describe every field of $kind", (kind) => {
			const bare = (value: unknown, path: string): string[] => {
				if (!isRecord(value)) return [];
				const { properties, items, additionalProperties } = value;
				const own = isRecord(properties)
					? Object.entries(properties).flatMap(([name, field]) => [
							...(isRecord(field) && typeof field["description"] === "string" ? [] : [`${path}.${name}`]),
							...bare(field, `${path}.${name}`),
						])
					: [];
				return [...own, ...bare(items, `${path}[]`), ...bare(additionalProperties, `${path}.*`)];
			};
			expect([...bare(toStructural(kind.spec), "spec"), ...bare(toStructural(kind.status), "status")]).toEqual([]);
		});
	});

	describe("children", () => {
		const inputs = [...yamlIn("samples"), ...yamlIn("test/golden").filter((name) => name.endsWith(".in.yaml"))];
		const beside = (file: string, what: string): KubeObject[] => {
			const other = file.replace(/\.in\.yaml$/, `.${what}.yaml`);
			return other !== file && yamlIn("test/golden").includes(other)
				? readManifests(join(ROOT, other)).map(({ object }) => object)
				: [];
		};

		const answersBeside = (file: string) => {
			const answers = join(ROOT, file.replace(/\.in\.yaml$/, ".answers.yaml"));
			return file.endsWith(".in.yaml") && existsSync(answers) ? { answers: readAnswers(answers) } : {};
		};

		/** As it is stored, if the API server knows every field and takes every value. */
		const accepted = (child: KubeObject) => cluster.store.apply(child, { fieldManager: "test-children", dryRun: true });

		it.each(SITUATIONS.map((situation) => ({ ...situation, kind: situation.parent.kind })))(
			"of a $kind are accepted, and stored exactly as they are sent: $title",
			async (situation) => {
				for (const child of answered(situation)) expect(await accepted(child)).toMatchObject(child);
			},
		);

		it("are refused for a field that does not exist, and for a value that is not allowed", async () => {
			const all = SITUATIONS.flatMap(answered);
			const changed = (kind: string, fields: object) => {
				const child = all.find((other) => other.kind === kind);
				if (child === undefined || !isRecord(child["spec"])) throw new Error(`no situation has a ${kind}`);
				return accepted({ ...child, spec: { ...child["spec"], ...fields } });
			};
			await expect(changed("Service", { publishNotReadyAdresses: true })).rejects.toThrow("publishNotReadyAdresses");
			await expect(changed("StatefulSet", { podManagmentPolicy: "Parallel" })).rejects.toThrow("podManagmentPolicy");
			await expect(changed("StatefulSet", { podManagementPolicy: "Paralel" })).rejects.toThrow("podManagementPolicy");
			await expect(changed("PatternRunner", { backendConfg: { name: "a" } })).rejects.toThrow("backendConfg");
		});

		const childrenIn = (file: string): KubeObject[] => {
			const rendered = render(
				{
					manifests: readManifests(join(ROOT, file)).map(({ object }) => object),
					observed: beside(file, "observed"),
					related: beside(file, "related"),
					...answersBeside(file),
					tree: true,
				},
				CONTEXT,
			);
			return rendered.filter(({ status }) => status === undefined);
		};

		it.each(inputs)("of %s are accepted, and stored exactly as they are sent", async (file) => {
			const children = childrenIn(file);
			await ensureNamespaces(
				cluster.store,
				children.map(({ metadata }) => metadata.namespace ?? "default"),
			);
			for (const child of children) {
				// What the API server stores in another form is different from what is sent at every sync: written for ever.
				expect(await accepted(child)).toMatchObject(child);
			}
		});

		it("of every kind were asked about", () => {
			const asked = [...inputs.flatMap(childrenIn), ...SITUATIONS.flatMap(answered)];
			const kinds = new Set(asked.map(({ apiVersion, kind }) => kindKey(apiVersion, kind)));
			const made = REGISTRY.flatMap(({ children }) => children).map(({ apiVersion, kind }) =>
				kindKey(apiVersion, kind),
			);
			expect(made.filter((kind) => !kinds.has(kind))).toEqual([]);
		});
	});
};
