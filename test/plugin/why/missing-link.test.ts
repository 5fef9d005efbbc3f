import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { readView } from "../../../plugin/cluster/read-cluster.ts";
import { collectWhy, initial } from "../../../plugin/why/command.ts";
import { NO_EXTRA } from "../../../plugin/why/diagnosis.ts";
import { diagnose } from "../../../plugin/why/index.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { CONTROLLERS, hooksDeployment, hooksPod, hooksService, MACHINERY, metacontroller } from "../why-case.ts";
import { brokenPattern } from "../why-cases-workloads.ts";
import { event, HOURS_AGO, late, MINUTES_AGO, NOW, other, ours, ownedBy, ready, silent, waiting } from "../world.ts";

// Links between an object and who works on it, each broken alone: the object that shows the cause, its word, and what helps.

const SPEECH = { program: "kubectl prism", flags: [] };
const SHARD = silent("PrismShard", "live");

const found = async (about: KubeObject, { objects, ...world }: World) => {
	const kubectl = fakeKubectl({ ...world, objects: [...objects, about] });
	const read = await readView(kubectl, { namespace: "shop" }, { made: true, events: true });
	const { diagnosis } = await collectWhy(kubectl, initial(viewOf({ ...read, now: NOW })), SPEECH, about);
	const last = diagnosis.finding?.steps.at(-1);
	return {
		shownBy: `${last?.object.kind} ${last?.object.metadata.name}`,
		word: last?.word,
		commands: (diagnosis.finding?.next ?? []).map(({ command = "" }) => command),
		also: diagnosis.also,
	};
};

const failed = (message: string) => event(SHARD, "SyncError", `Sync error: http error: Post "https://x": ${message}`);
const without = (...names: readonly string[]) => MACHINERY.filter(({ metadata }) => !names.includes(metadata.name));
const spec = (object: KubeObject, fields: object, status: object = {}): KubeObject => ({
	...object,
	spec: { ...(object["spec"] as object), ...fields },
	status: { ...(object["status"] as object), ...status },
});
const ACCOUNT = "system:serviceaccount:metacontroller:mc";
const withAccount = spec(metacontroller(1), {
	template: { spec: { serviceAccountName: "mc", containers: [{ name: "metacontroller" }] } },
});
const slice = (isReady: boolean): KubeObject =>
	other(
		"discovery.k8s.io/v1",
		"EndpointSlice",
		"prism-operator-x",
		{
			namespace: "prism-system",
			labels: { ...hooksService.metadata.labels, "kubernetes.io/service-name": "prism-operator" },
		},
		{ endpoints: isReady ? [{ conditions: { ready: true } }] : [] },
	);

describe("a link that is missing", () => {
	it("is Metacontroller, scaled to 0, also where an older event tells of another failure", async () => {
		const down = spec(metacontroller(0), { replicas: 0 });
		const objects = [...without("metacontroller"), down, failed("connection refused")];
		expect(await found(SHARD, { objects })).toMatchObject({
			shownBy: "StatefulSet metacontroller",
			word: "ScaledToZero",
			commands: ["kubectl scale statefulset/metacontroller -n metacontroller --replicas=1"],
		});
	});

	it("is the operator, scaled to 0, rather than the connection that it refuses", async () => {
		const down = spec(hooksDeployment, { replicas: 0 }, { availableReplicas: 0 });
		const objects = [...CONTROLLERS, metacontroller(1), hooksService, down, failed("connection refused")];
		expect(await found(SHARD, { objects })).toMatchObject({
			shownBy: "Deployment prism-operator-controller-manager",
			word: "ScaledToZero",
			commands: ["kubectl scale deployment/prism-operator-controller-manager -n prism-system --replicas=2"],
		});
	});

	it("is a Service whose selector matches no pod", async () => {
		const refused = failed("connection refused");
		const { word, shownBy } = await found(SHARD, { objects: [...MACHINERY, slice(false), refused] });
		expect([word, shownBy]).toEqual(["NoEndpoints", "Service prism-operator"]);
		expect(await found(SHARD, { objects: [...MACHINERY, slice(true), refused] })).toMatchObject({ word: "SyncError" });
	});

	it("is a Service that the controller calls by an old name", async () => {
		const renamed = { ...hooksService, metadata: { ...hooksService.metadata, name: "gateway-operator" } };
		const { word, commands } = await found(SHARD, { objects: [...without("prism-operator"), renamed, failed("EOF")] });
		expect(word).toBe("NoService");
		expect(commands[0]).toMatch(/^helm upgrade /);
	});

	it("is a permission of Metacontroller's ServiceAccount", async () => {
		const rule = { verbs: ["list", "watch"], resources: ["*"] };
		const objects = [...without("metacontroller"), withAccount];
		expect(await found(SHARD, { objects, accountRules: [rule] })).toMatchObject({ word: "NotAnswered" });
		const accountRules = [{ verbs: ["list", "watch"], resources: ["prismshards", "services", "configmaps"] }];
		const { word, commands } = await found(SHARD, { objects, accountRules });
		expect(word).toBe("Forbidden");
		expect(commands.at(-1)).toBe(`kubectl auth can-i list statefulsets.apps --as=${ACCOUNT} --all-namespaces`);
	});

	it("is a CRD that the controller needs", async () => {
		const served = ["statefulsets.apps", "services", "configmaps", "poddisruptionbudgets.policy"];
		expect(await found(SHARD, { objects: MACHINERY, served })).toMatchObject({ word: "CrdMissing" });
	});

	it.each([
		["certificate has expired or is not yet valid", /--set tls.generation=/],
		["x509: certificate is valid for a, not b", /^helm upgrade /],
		["x509: certificate signed by unknown authority", /rollout restart/],
		["context deadline exceeded", /get networkpolicies -n prism-system/],
	])("is told by the words of the call: %s", async (message, command) => {
		const { word, commands } = await found(SHARD, { objects: [...MACHINERY, failed(message)] });
		expect(word).toBe("SyncError");
		expect(commands).toContainEqual(expect.stringMatching(command));
	});
});

describe("a rejection that names no child", () => {
	const shard = ours("PrismShard", "live", {
		...late("ChildRefused", "Service prism-live was not created", { stalled: true }),
		status: { missing: [{ kind: "Service", name: "prism-live", since: MINUTES_AGO }] },
	});
	const words = 'Internal error occurred: failed calling webhook "mesh.example.com": service "mesh" not found';
	const lastOf = (...messages: readonly string[]) => {
		const events = messages.map((message) => event(shard, "SyncError", `Sync error: ${message}`));
		return diagnose(viewOf({ objects: [shard], events, now: NOW }), NO_EXTRA, SPEECH, shard).finding?.steps.at(-1);
	};

	it("is that of the child that is missing", () =>
		expect(lastOf(words)).toMatchObject({ word: "AdmissionWebhook", object: { kind: "Service" } }));

	it("is found beside a call that failed", () =>
		expect(lastOf("sync hook failed for PrismShard shop/prism-live: EOF", words)?.word).toBe("AdmissionWebhook"));
});

describe("a host of a namespace that is scaled to 0", () => {
	const acme = ours("PrismNamespace", "acme", {
		...late("InstancesNotReady", "No instance of live is ready"),
		status: { placements: [{ roster: "prism-live", namespace: "shop", instances: [] }] },
	});

	it.each([
		[0, "ScaledToZero"],
		[1, "InstancesNotReady"],
	])("shows it: %d", async (replicas, word) => {
		const shard = ours("PrismShard", "live", { ...ready("ScaledToZero", "no pods"), spec: { replicas } });
		expect(await found(acme, { objects: [shard] })).toMatchObject({ word });
	});
});

describe("a pod", () => {
	it("that no scheduler has looked at waits for one", () => {
		const { runner, orders, objects } = brokenPattern({ phase: "Pending", conditions: [], containers: [] });
		const pending = { ...orders, spec: { schedulerName: "volcano" } };
		const seen = objects.map((object) => (object === orders ? pending : object));
		const finding = (all: readonly KubeObject[]) =>
			diagnose(viewOf({ objects: all, now: NOW }), NO_EXTRA, SPEECH, runner).finding;
		expect(finding(seen)?.cause).toContain("volcano");
		expect(finding(seen)?.state).toBe("broken");
		const bound = objects.map((object) => (object === orders ? { ...pending, spec: { nodeName: "a" } } : object));
		expect(finding(bound)?.steps.at(-1)?.word).not.toBe("NoScheduler");
	});

	it("that fails explains more than the pause of its object", () => {
		const { runner, objects } = brokenPattern({
			phase: "Pending",
			containers: [{ name: "keyvalue-runner", state: waiting("ImagePullBackOff") }],
		});
		const paused = { ...runner, ...ours("PatternRunner", "orders", late("PausedByAnnotation", "paused")) };
		const object = { ...paused, metadata: runner.metadata };
		const seen = objects.map((each) => (each === runner ? object : each));
		const { finding } = diagnose(viewOf({ objects: seen, now: NOW }), NO_EXTRA, SPEECH, object);
		expect(finding?.steps.at(-1)?.word).toBe("ImagePullBackOff");
		expect(finding?.next.map(({ command = "" }) => command)).toContainEqual(expect.stringContaining("prism resume"));
	});
});

describe("an Ingress", () => {
	const shard = ours("PrismShard", "live", ready("ShardReady", "ready"));
	const ingress = (fields: object, at = HOURS_AGO) =>
		other(
			"networking.k8s.io/v1",
			"Ingress",
			"prism-live",
			{
				...ownedBy(shard),
				creationTimestamp: at,
				labels: { "app.kubernetes.io/managed-by": "prism-operator" },
			},
			{ spec: { ingressClassName: "traefik" }, ...fields },
		);
	const sentences = (...objects: readonly KubeObject[]) => {
		const view = viewOf({ objects: [shard, ...objects], now: NOW });
		const { needs, also } = diagnose(view, NO_EXTRA, SPEECH, shard);
		return { needs: needs.length, also: also.filter((text) => text.startsWith("Ingress")).length };
	};

	it("without an address is told of, and its class is looked for", () => {
		expect(sentences(ingress({}))).toEqual({ needs: 1, also: 1 });
		expect(sentences(ingress({ spec: {} }))).toEqual({ needs: 0, also: 1 });
		expect(sentences(ingress({}, NOW))).toEqual({ needs: 0, also: 0 });
		expect(sentences(ingress({ status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } }))).toEqual({
			needs: 0,
			also: 0,
		});
	});

	it("of a class that does not exist says so", async () => {
		const { also } = await found(shard, { objects: [] });
		expect(also).toEqual([]);
		const view = viewOf({ objects: [shard, ingress({})], now: NOW });
		const { diagnosis } = await collectWhy(fakeKubectl({ objects: [] }), initial(view), SPEECH, shard);
		expect(diagnosis.also).toEqual([expect.stringContaining("IngressClass traefik is not found")]);
	});
});

it("a pod of Metacontroller that crashes shows the cause", async () => {
	const labels = { app: "mc" };
	const down = spec(metacontroller(0), { selector: { matchLabels: labels } });
	const crashed = {
		...hooksPod({ containers: [{ name: "metacontroller", restartCount: 4, state: waiting("CrashLoopBackOff") }] }),
	};
	const pod = {
		...crashed,
		metadata: { ...crashed.metadata, name: "metacontroller-0", namespace: "metacontroller", labels },
	};
	const { shownBy, word, commands } = await found(SHARD, { objects: [...CONTROLLERS, down, pod] });
	expect([shownBy, word]).toEqual(["Pod metacontroller-0", "CrashLoopBackOff"]);
	expect(commands[0]).toBe("kubectl logs metacontroller-0 -n metacontroller -c metacontroller --previous");
});
