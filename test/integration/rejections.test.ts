import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { type Line, METACONTROLLER, type Spec, startLine } from "./line.ts";

// Children that the real API server rejects, whatever the cause: quotas, policies, immutable fields, bad specs, names in use. Each is
// reported as what it is, and goes on with the next good edit.

const TIMEOUT = 180_000;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("children that are rejected", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const applyCase = async (name: string, namespace?: string) => {
		for (const { object } of readManifests(join(import.meta.dirname, `cases/${name}.yaml`)))
			await put(object, namespace);
	};
	const CLUSTERED = ["Namespace", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
	const put = (object: KubeObject, namespace = object.metadata.namespace): Promise<KubeObject> =>
		CLUSTERED.includes(object.kind)
			? line.cluster.store.apply(object, { fieldManager: "test" })
			: line.apply({ ...object, metadata: { ...object.metadata, ...(namespace !== undefined && { namespace }) } });
	const clustered = (apiVersion: string, kind: string, name: string, spec: Spec): KubeObject => ({
		apiVersion,
		kind,
		metadata: { name },
		spec,
	});
	const ours = (kind: string, namespace: string, name: string, spec: Spec): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind,
		metadata: { name, namespace },
		spec,
	});
	const of = (apiVersion: string, kind: string, namespace: string, name: string, fields: Spec): KubeObject => ({
		apiVersion,
		kind,
		metadata: { name, namespace },
		...fields,
	});
	/** Changes an object of any kind, whatever its version. */
	const change = (
		apiVersion: string,
		kind: string,
		namespace: string,
		name: string,
		edit: (object: KubeObject) => unknown,
	) =>
		eventually(async () => {
			const resource = await line.cluster.store.resourceOf(apiVersion, kind);
			const object = await line.cluster.store.get(resource, namespace, name);
			if (object === undefined) throw new Error(`${kind} ${name} is not there`);
			await line.cluster.store.update(edit(object) as KubeObject);
		});
	const remove = async (apiVersion: string, kind: string, namespace: string, name: string) =>
		line.cluster.store.delete(await line.cluster.store.resourceOf(apiVersion, kind), namespace, name);
	const until = (kind: string, namespace: string, name: string, reason: string, says: string, seconds = 75) =>
		eventually(async () => {
			const object = await line.get(kind, name, namespace);
			const ready = conditionOf(object, "Ready");
			expect(`${ready?.status} ${ready?.reason}: ${ready?.message}`).toContain(`False ${reason}: ${says}`);
			expect(conditionOf(object, "Stalled")?.status).toBe("True");
			expect(ready?.observedGeneration).toBe(object.metadata.generation);
		}, seconds);
	/** What the command in the message shows. */
	const events = async (namespace: string, name: string): Promise<string> => {
		const { items } = await line.cluster.store.list(await line.resource("Event"), namespace);
		return items
			.filter(({ reason, involvedObject }) => reason === "SyncError" && valueAt(involvedObject, "name") === name)
			.map(({ message }) => (typeof message === "string" ? message : ""))
			.join("\n");
	};
	const RUNNER = { pattern: "keyvalue", backend: "memstore" };
	const specOf = (object: KubeObject): Spec => (isRecord(object["spec"]) ? object["spec"] : {});

	it.concurrent("by a resource name with a typing error", { timeout: TIMEOUT }, async () => {
		await applyCase("c51-typo");
		await line.untilReady("PrismStack", "ty", "typo");
		await applyCase("c51b-typo");
		await put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "typo2" } });
		await applyCase("c51b-typo", "typo2");
		const SAYS = "spec.proxy.resources.requests: must be cpu, memory, ephemeral-storage, or a resource with a domain";
		await until("PrismStack", "typo", "ty", "InvalidSpec", SAYS);
		expect((await line.get("Deployment", "ty-proxy", "typo")).metadata.deletionTimestamp).toBeUndefined();
		await until("PrismStack", "typo2", "ty", "InvalidSpec", SAYS);
		await applyCase("c51-typo");
		await applyCase("c51-typo", "typo2");
		await line.untilReady("PrismStack", "ty", "typo");
		await line.untilReady("PrismStack", "ty", "typo2");
	});

	it.concurrent("by quantities that contradict each other", { timeout: TIMEOUT }, async () => {
		await applyCase("c11b-quantities-quoted");
		for (const name of ["q1", "q3", "q6"]) await line.untilReady("PatternRunner", name, "qty");
		await until("PatternRunner", "qty", "q5", "InvalidSpec", "spec.resources.requests.memory: must be at most");
		const resources = { requests: { cpu: "100m", memory: "1Gi" }, limits: { memory: "1Gi" } };
		await line.edit("PatternRunner", "q5", (spec) => ({ ...spec, resources }), "qty");
		await line.untilReady("PatternRunner", "q5", "qty");
	});

	it.concurrent("by a validating policy", { timeout: TIMEOUT }, async () => {
		await put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "corp", labels: { corp: "true" } } });
		await applyCase("c05-deny-policy");
		await put(ours("PatternRunner", "corp", "edited", RUNNER));
		await line.untilReady("PatternRunner", "edited", "corp");
		await put(ours("PrismShard", "corp", "created", { backends: ["pg"], image: "docker.io/prism/prism-proxy:1" }));
		// The API server enforces a policy some time after it has accepted it.
		await eventually(async () => {
			await line.edit("PatternRunner", "edited", (spec) => ({ ...spec, image: "docker.io/prism/runner:2" }), "corp");
			expect(await events("corp", "edited")).toContain("use registry.corp.example");
		});
		const created = ours("PatternRunner", "corp", "created", { ...RUNNER, image: "docker.io/prism/runner:1" });
		await put(created);
		await until("PatternRunner", "corp", "created", "ChildRefused", "Deployment created was not created within 30 s");
		await until("PatternRunner", "corp", "edited", "ChildRefused", "Deployment edited was not updated within 30 s");
		for (const name of ["created", "edited"]) {
			await line.edit("PatternRunner", name, (spec) => ({ ...spec, image: "registry.corp.example/runner:3" }), "corp");
			await line.untilReady("PatternRunner", name, "corp");
		}
	});

	it.concurrent("by limits, an immutable object, a host, and a size", { timeout: TIMEOUT }, async () => {
		await applyCase("upd");
		await line.untilReady("PatternRunner", "upd", "team-b");
		await line.untilReady("PatternRunner", "updcfg", "team-b");
		await line.untilReady("PrismShard", "upds", "team-b");
		const resources = (cpu: string) => ({ requests: { cpu }, limits: { cpu: "1" } });
		await line.edit("PatternRunner", "upd", (spec) => ({ ...spec, resources: resources("2") }), "team-b");
		await change("v1", "ConfigMap", "team-b", "updcfg-config", (object) => ({ ...object, immutable: true }));
		await line.edit("PatternRunner", "updcfg", (spec) => ({ ...spec, config: { a: "y" } }), "team-b");
		const exposure = (host: string) => ({ type: "Ingress", host });
		const unnamed = line.edit(
			"PrismShard",
			"upds",
			(spec) => ({ ...spec, exposure: exposure("a..example") }),
			"team-b",
		);
		await expect(unnamed).rejects.toThrow("spec.exposure.host");
		const entries = Array.from({ length: 32 }, (_, index) => [`example.com/${index}`, "x".repeat(4096)] as const);
		const annotations: Record<string, string> = Object.fromEntries(entries);
		await put(ours("PatternRunner", "team-b", "long", { ...RUNNER, service: { annotations } }));
		await until("PatternRunner", "team-b", "upd", "InvalidSpec", "spec.resources.requests.cpu: must be at most");
		await until(
			"PatternRunner",
			"team-b",
			"updcfg",
			"ChildRefused",
			"ConfigMap updcfg-config was not updated within 30 s",
		);
		await until(
			"PatternRunner",
			"team-b",
			"long",
			"InvalidSpec",
			"spec.service.annotations is too large: Service long",
		);
		await line.edit("PatternRunner", "upd", (spec) => ({ ...spec, resources: resources("500m") }), "team-b");
		await line.edit("PrismShard", "upds", (spec) => ({ ...spec, exposure: exposure("b.example") }), "team-b");
		await line.edit("PatternRunner", "long", (spec) => ({ ...spec, service: {} }), "team-b");
		await line.untilReady("PatternRunner", "long", "team-b");
		await remove("v1", "ConfigMap", "team-b", "updcfg-config");
		await line.untilReady("PatternRunner", "upd", "team-b");
		await line.untilReady("PatternRunner", "updcfg", "team-b");
		await line.untilReady("PrismShard", "upds", "team-b");
	});

	it.concurrent("by a quota on counts of objects", { timeout: TIMEOUT }, async () => {
		const quota = (services: string) =>
			put(of("v1", "ResourceQuota", "counted", "counts", { spec: { hard: { "count/services": services } } }));
		await quota("0");
		await eventually(async () => {
			const { status } = await line.get("ResourceQuota", "counts", "counted");
			expect(valueAt(status, "hard", "count/services")).toBe("0");
		});
		await put(ours("PatternRunner", "counted", "one", RUNNER));
		await put(ours("PrismShard", "counted", "two", { backends: ["pg"] }));
		await until("PatternRunner", "counted", "one", "ChildRefused", "Service one was not created within 30 s");
		await until("PrismShard", "counted", "two", "ChildRefused", "Service prism-two was not created within 30 s");
		expect(await events("counted", "one")).toContain("exceeded quota");
		await quota("10");
		await line.edit("PatternRunner", "one", (spec) => ({ ...spec, replicas: 2 }), "counted");
		await line.untilReady("PatternRunner", "one", "counted");
	});

	it.concurrent("by nobody, but their names are in use", { timeout: TIMEOUT }, async () => {
		const labels = { app: "theirs" };
		const pods = { metadata: { labels }, spec: { containers: [{ name: "main", image: "app:1" }] } };
		const workload = { spec: { selector: { matchLabels: labels }, template: pods, replicas: 0 } };
		const ports = [{ port: 80 }];
		const budget = { spec: { maxUnavailable: 1, selector: { matchLabels: labels } } };
		await put(of("apps/v1", "Deployment", "taken", "one", workload));
		await put(of("v1", "Service", "taken", "two-proxy-headless", { spec: { ports } }));
		await put(of("v1", "ConfigMap", "taken", "three-backend", { data: {} }));
		await put(of("policy/v1", "PodDisruptionBudget", "taken", "prism-four", budget));
		await put(ours("PatternRunner", "taken", "five", RUNNER));
		await put(ours("PatternRunner", "taken", "one", RUNNER));
		await put(
			ours("PrismStack", "taken", "two", { patterns: [{ name: "five", type: "keyvalue", backend: "memstore" }] }),
		);
		await put(ours("BackendConfig", "taken", "three", { type: "cache", connection: { url: "redis://redis:6379" } }));
		await put(ours("PrismShard", "taken", "four", { backends: ["pg"] }));
		const USED = "was not created within 30 s: the name is in use by an object that this controller does not own";
		await until("PatternRunner", "taken", "one", "NameTaken", `Deployment one ${USED}`);
		await until("PrismStack", "taken", "two", "NameTaken", `Service two-proxy-headless ${USED}`);
		await until("BackendConfig", "taken", "three", "NameTaken", `ConfigMap three-backend ${USED}`);
		await until("PrismShard", "taken", "four", "NameTaken", `PodDisruptionBudget prism-four ${USED}`);
		await remove("v1", "Service", "taken", "two-proxy-headless");
		await until("PrismStack", "taken", "two", "NameTaken", `PatternRunner five ${USED}`);
		await remove("apps/v1", "Deployment", "taken", "one");
		await line.untilReady("PatternRunner", "one", "taken");
	});

	it.concurrent("because others hold their place: it is corrected", { timeout: TIMEOUT }, async () => {
		await applyCase("c09-merge");
		await line.untilReady("PatternRunner", "m1", "mrg");
		await line.untilReady("PrismStack", "ms", "mrg");
		const { spec: before } = await line.get("Service", "m1", "mrg");
		const ports = (object: KubeObject, edit: (port: Record<string, unknown>) => Record<string, unknown>) => ({
			...object,
			spec: { ...specOf(object), ports: recordsAt(object, "spec", "ports").map(edit) },
		});
		await change("v1", "Service", "mrg", "m1", (object) => ports(object, (port) => ({ ...port, port: 9999 })));
		await change("v1", "Service", "mrg", "ms-proxy", (object) =>
			ports(object, (port) => ({ ...port, port: Number(port["port"]) + 1000 })),
		);
		await change("policy/v1", "PodDisruptionBudget", "mrg", "m1", (object) => {
			const { maxUnavailable: _maxUnavailable, ...spec } = specOf(object);
			return { ...object, spec: { ...spec, minAvailable: 1 } };
		});
		await change("apps/v1", "Deployment", "mrg", "m1", (object) => {
			const text = JSON.stringify(object["spec"]).replace('"containerPort":8080', '"containerPort":18080');
			return { ...object, spec: JSON.parse(text) as unknown };
		});
		await eventually(async () => {
			const { spec } = await line.get("Service", "m1", "mrg");
			expect(recordsAt(spec, "ports").map(({ port }) => port)).toEqual(
				recordsAt(before, "ports").map(({ port }) => port),
			);
			expect(valueAt(spec, "clusterIP")).toBe(valueAt(before, "clusterIP"));
			expect(JSON.stringify(await line.get("Service", "ms-proxy", "mrg"))).not.toContain('"port":9980');
			expect(JSON.stringify((await line.get("Deployment", "m1", "mrg"))["spec"])).not.toContain("18080");
			const budgets = await line.cluster.store.resourceOf("policy/v1", "PodDisruptionBudget");
			const budget = await line.cluster.store.get(budgets, "mrg", "m1");
			expect(budget?.["spec"]).toMatchObject({ maxUnavailable: 1 });
			expect(budget?.["spec"]).not.toHaveProperty("minAvailable");
		}, 60);
		await line.untilReady("PatternRunner", "m1", "mrg");
		await line.untilReady("PrismStack", "ms", "mrg");
		await eventually(async () => {
			expect((await line.get("Service", "m1", "mrg")).metadata.annotations).not.toHaveProperty("prism.io/correction");
		}, 30);
	});

	it.concurrent("although they are only corrected", { timeout: TIMEOUT }, async () => {
		await put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "fixed", labels: { fixed: "true" } } });
		await put(ours("PatternRunner", "fixed", "moved", RUNNER));
		await line.untilReady("PatternRunner", "moved", "fixed");
		const admission = "admissionregistration.k8s.io/v1";
		await put(
			clustered(admission, "ValidatingAdmissionPolicy", "no-8080", {
				failurePolicy: "Fail",
				matchConstraints: {
					resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["services"] }],
				},
				validations: [{ expression: "object.spec.ports.all(p, p.port != 8080)", message: "8080 is not allowed" }],
			}),
		);
		await put(
			clustered(admission, "ValidatingAdmissionPolicyBinding", "no-8080", {
				policyName: "no-8080",
				validationActions: ["Deny"],
				matchResources: { namespaceSelector: { matchLabels: { fixed: "true" } } },
			}),
		);
		await eventually(async () => {
			const service = await line.get("Service", "moved", "fixed");
			const metadata = { ...service.metadata, labels: { ...service.metadata.labels, seen: String(Date.now()) } };
			await expect(line.cluster.store.update({ ...service, metadata })).rejects.toThrow("8080 is not allowed");
		});
		await change("v1", "Service", "fixed", "moved", (object) => ({
			...object,
			spec: { ...specOf(object), ports: [{ name: "grpc", port: 9999, targetPort: "grpc", protocol: "TCP" }] },
		}));
		const says = "Service moved lacks spec.ports[port=8080], and was not corrected within 30 s";
		await until("PatternRunner", "fixed", "moved", "ChildRefused", says);
		await remove(admission, "ValidatingAdmissionPolicyBinding", "", "no-8080");
		await line.untilReady("PatternRunner", "moved", "fixed");
	});
});
