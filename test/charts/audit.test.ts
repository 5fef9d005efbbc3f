import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roleOf } from "../../codegen/chart/role.ts";
import { connect } from "../../devcluster/api/api-server.ts";
import { createInformers } from "../../devcluster/controllers/informer.ts";
import { startMetacontroller } from "../../devcluster/metacontroller/index.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { rowOf } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { systemTime } from "../../server/time.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { ensureNamespaces, eventually } from "../integration/installed.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { namedSecrets } from "../samples.ts";
import { grantedBy, keyOf, usedBy } from "./audit-log.ts";
import { CHART_FOLDER, HELM_TIMEOUT, helm, NAMESPACE, RELEASE } from "./helm.ts";
import { OPTIONAL_CRDS } from "./optional-crds.ts";
import { installRelease, type Release } from "./release.ts";
import { callers, withoutEndpoints } from "./replicas.ts";

// Least privilege, by the API server's own audit log: all samples are driven to Ready and away again by one who has the
// narrowed role and nothing else. It does nothing that the role does not allow, and the role allows nothing that it does
// not do, unless the role says in a comment why.

const METACONTROLLER = process.env["METACONTROLLER"] ?? "";
const ROOT = join(import.meta.dirname, "../..");

/** Samples, and golden cases for the kinds that need a feature, or a field that no sample has. */
const INPUTS = [
	...readdirSync(join(ROOT, "samples"), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".yaml"))
		.toSorted()
		.map((name) => join("samples", name)),
	...[
		"runner-keda",
		"stack-everything",
		"stack-inline-credentials-allowed",
		"stack-admin-cluster",
		"shard-everything",
	].map((name) => `test/golden/${name}.in.yaml`),
];

/** Documents whose objects refer to each other; all other files get a namespace each. */
const TOGETHER = [
	[/adr-037-prism(shard|namespace)/, "adr-037"],
	[/memo-036-prism(namespace|stack-prism-dev)/, "memo-036"],
] as const;

/** A label that the hook gave it; the one of Metacontroller's own says whose child it is. */
const markOf = ({ metadata }: KubeObject): string =>
	Object.keys(metadata.labels ?? {}).find((label) => label !== "controller-uid") ?? "app";

const ownerOf = (metadata: KubeObject["metadata"] | undefined) =>
	metadata?.ownerReferences?.find(({ controller }) => controller === true);

const namespaceOf = ({ namespace }: KubeObject["metadata"]) => (namespace === undefined ? {} : { namespace });

/** Nobody adopts an attachment: decorators have no selector. */
const DECORATED = REGISTRY.filter(({ type }) => type === "decorator").map(({ parent }) => parent.kind);

/** The same object with as few children as it can have. */
const NARROW: Readonly<Record<string, (spec: Record<string, unknown>) => Record<string, unknown>>> = {
	PrismStack: () => ({ proxy: { replicas: 1 }, admin: { enabled: false } }),
	PatternRunner: ({ pattern, backend }) => ({ pattern, backend, replicas: 1 }),
	PrismShard: ({ storage }) => ({ replicas: 1, ...(storage !== undefined && { storage }) }),
};

const PLAYERS = [
	{ player: "the stand-in", program: "" },
	...(METACONTROLLER === "" ? [] : [{ player: "the real Metacontroller", program: METACONTROLLER }]),
];

recordSkipped(REAL_METACONTROLLER, "the same under the real Metacontroller");
describe.each(PLAYERS)("under $player", ({ program }) => {
	let release: Release;
	let auditLog = "";
	let user = "";
	let role = "";
	const stops: (() => unknown)[] = [];
	const applied: KubeObject[] = [];
	const samples: KubeObject[] = [];
	/** What the stand-in complained of, to be seen when it does not get on. */
	const errors: string[] = [];

	beforeAll(async () => {
		const features = ["keda", "serviceMonitors", "inlineCredentials"].map((name) => `features.${name}=true`).join(",");
		release = await installRelease({
			flags: ["--set", features],
			definitions: OPTIONAL_CRDS,
			auditLog: (folder) => {
				auditLog = join(folder, "audit.log");
				return auditLog;
			},
		});
		const { cluster } = release;
		await release.mount();
		const server = await startServer(readConfig(release.environment()), REGISTRY, {
			log: pino({ level: "silent" }),
			resolve: (address) => cluster.proxies?.resolve(address),
		});
		stops.push(() => server.close());
		const { name, ...access } = await release.account();
		user = `system:serviceaccount:${NAMESPACE}:${name}`;
		const values = `metacontroller.enabled=true,${features}`;
		const template = ["template", RELEASE, CHART_FOLDER, "--namespace", NAMESPACE, "--set", values];
		role = await helm(...template, "--show-only", "templates/metacontroller/role.yaml");
		if (program !== "") return release.startMetacontroller(program, server.port);
		// The stand-in has the same role: it talks to the API server with the token of Metacontroller's account.
		const store = connect(access);
		const informers = createInformers(store, systemTime);
		const secret = async (kind: string, key: string) =>
			Buffer.from(
				await release.kubectl(
					"get",
					"secret",
					`${RELEASE}-${kind}`,
					"-n",
					NAMESPACE,
					`--output=jsonpath={.data.${key}}`,
				),
				"base64",
			).toString();
		const token = await secret("tokens", "token-1");
		const { post, close } = callers(server.port, { token, ca: await secret("tls", "ca\\.crt") }, 16);
		const standIn = await startMetacontroller({
			store,
			informers,
			clock: systemTime,
			controllers: withoutEndpoints(release.manifest),
			call: (url, body) => post(new URL(url).pathname, JSON.stringify(body)),
			log: ({ level, message }) => {
				if (level === "error") errors.push(message);
			},
		});
		stops.push(async () => {
			await standIn.stop();
			informers.stop();
			close();
			await store.close();
		});
		return undefined;
	}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
	afterAll(async () => {
		for (const stop of stops.toReversed()) await stop();
		await release?.stop();
	}, 60_000);

	const stored = async ({ apiVersion, kind, metadata }: KubeObject): Promise<KubeObject | undefined> => {
		const resource = await release.cluster.store.resourceOf(apiVersion, kind);
		return release.cluster.store.get(resource, metadata.namespace, metadata.name);
	};

	it("drives every sample to Ready", { timeout: 400_000 }, async () => {
		const { store } = release.cluster;
		for (const [index, file] of INPUTS.entries()) {
			const home = TOGETHER.find(([pattern]) => pattern.test(file))?.[1] ?? `sample-${index}`;
			for (const { object } of readManifests(join(ROOT, file))) {
				// Patterns become objects of their own names, which several samples share: each file gets a namespace.
				const given = object.metadata.namespace;
				const namespace = given === undefined || given === "prism-system" ? home : `${given}-${index}`;
				await ensureNamespaces(store, [namespace]);
				for (const secret of namedSecrets(object, namespace)) await store.apply(secret, { fieldManager: "test" });
				const { status: _status, ...rest } = object;
				const { name, labels, annotations } = object.metadata;
				// Plugins whose rollout it follows would have to be there, too.
				const { plugins, ...others } = (rest["spec"] ?? {}) as Record<string, unknown>;
				const spec = plugins !== undefined && file.startsWith("test/") ? others : rest["spec"];
				const text = JSON.stringify(spec ?? null)
					.replaceAll('"prism-system"', `"${namespace}"`)
					.replaceAll(`"namespace":"${given ?? ""}"`, `"namespace":"${namespace}"`);
				const placed = {
					...rest,
					metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) },
					...(rest["spec"] !== undefined && { spec: JSON.parse(text) as unknown }),
				};
				const created = await store.apply(placed, { fieldManager: "test" });
				applied.push(created);
				if (file.startsWith("samples/")) samples.push(created);
			}
		}
		const waiting = samples.filter((object) => rowOf(object) !== undefined);
		expect(waiting.length).toBeGreaterThan(20);
		for (const object of waiting) {
			await eventually(async () => {
				const ready = conditionOf((await stored(object)) ?? object, "Ready");
				const { namespace, name } = object.metadata;
				expect(
					`${object.kind} ${namespace}/${name}: ${ready?.status} ${ready?.reason} ${ready?.message} ${errors.at(-1) ?? ""}`,
				).toMatch(/: True/);
			}, 120);
		}
		expect(release.complaints()).toEqual([]);
	});

	const ours = () => applied.filter((object) => rowOf(object) !== undefined);

	/** What hooks made of the samples. */
	const children = async (): Promise<KubeObject[]> => {
		const { store } = release.cluster;
		const kinds = new Map(
			REGISTRY.flatMap((row) => row.children).map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]),
		);
		const found: KubeObject[] = [];
		for (const { apiVersion, kind } of kinds.values()) {
			const { items } = await store.list(await store.resourceOf(apiVersion, kind));
			found.push(...items.filter(({ metadata }) => ownerOf(metadata)?.apiVersion === "prism.io/v1alpha1"));
		}
		return found;
	};

	const change = (object: KubeObject, metadata: (now: KubeObject["metadata"]) => Partial<KubeObject["metadata"]>) =>
		eventually(async () => {
			const now = await stored(object);
			if (now === undefined) return;
			await release.cluster.store.update({ ...now, metadata: { ...now.metadata, ...metadata(now.metadata) } });
		});

	it("mends what others changed, and takes back what lost its owner", { timeout: 300_000 }, async () => {
		const all = await children();
		expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThan(12);
		for (const child of all)
			await change(child, ({ labels }) => ({ labels: { ...labels, [markOf(child)]: "somebody" } }));
		// A shard or a stack that is not carried out keeps its children as they are.
		const homes = new Set(samples.map(({ metadata }) => metadata.namespace));
		const mended = all.filter(({ metadata }) => homes.has(metadata.namespace));
		expect(mended.length).toBeGreaterThan(100);
		for (const child of mended) {
			await eventually(
				async () =>
					expect(
						`${child.kind} ${child.metadata.name} ${(await stored(child))?.metadata.labels?.[markOf(child)]}`,
					).not.toContain(" somebody"),
				60,
			);
		}
		const adoptable = mended.filter(({ metadata }) => !DECORATED.includes(ownerOf(metadata)?.kind ?? ""));
		for (const child of adoptable) await change(child, () => ({ ownerReferences: [] }));
		for (const child of adoptable) {
			await eventually(async () => expect(ownerOf((await stored(child))?.metadata)).toBeDefined(), 60);
		}
	});

	it("takes away what is not wanted any more", { timeout: 300_000 }, async () => {
		const before = (await children()).length;
		for (const object of ours()) {
			const narrow = NARROW[object.kind];
			if (narrow === undefined) continue;
			const { apiVersion, kind, metadata } = object;
			const spec = narrow(object["spec"] as Record<string, unknown>);
			await release.cluster.store.apply(
				{ apiVersion, kind, metadata: { name: metadata.name, ...namespaceOf(metadata) }, spec },
				{ fieldManager: "test" },
			);
		}
		await eventually(async () => expect((await children()).length).toBeLessThan(before * 0.7), 60);
		for (const object of ours()) {
			const { store } = release.cluster;
			const { namespace, name } = object.metadata;
			const resource = await store.resourceOf(object.apiVersion, object.kind);
			await store.delete(resource, namespace, name, { propagationPolicy: "Background" });
		}
		for (const object of ours()) await eventually(async () => expect(await stored(object)).toBeUndefined(), 120);
	});

	it("does nothing that its role does not allow, and all that it does", async () => {
		const used = usedBy(auditLog, user);
		expect(used.length).toBeGreaterThan(500);
		expect(used.filter(({ allowed }) => !allowed).map(({ what }) => what)).toEqual([]);
		const granted = grantedBy(role);
		const keys = new Set(granted.map(keyOf));
		expect([...new Set(used.map(keyOf))].filter((key) => !keys.has(key))).toEqual([]);
		const really = new Set(used.map(keyOf));
		// What Metacontroller needs for itself, the stand-in does not do: it is given its controllers by the test.
		const known = new Set(
			roleOf(REGISTRY, KINDS).flatMap(({ apiGroups, resources, verbs }) =>
				apiGroups.flatMap((group) =>
					resources.flatMap((resource) => verbs.map((verb) => keyOf({ group, resource, verb }))),
				),
			),
		);
		const expected = program === "" ? granted.filter((grant) => known.has(keyOf(grant))) : granted;
		const idle = expected.filter((grant) => !really.has(keyOf(grant)) && grant.reason === undefined).map(keyOf);
		expect([...new Set(idle)]).toEqual([]);
	});
});
