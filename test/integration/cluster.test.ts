import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Cluster } from "../../devcluster/cluster.ts";
import { objectAt, stringAt } from "../../devcluster/json.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, startTestControllers, testBinaries } from "../cluster.ts";
import { deployment, podTemplate, statefulSet } from "../devcluster/workload-objects.ts";
import { eventually } from "./installed.ts";

// The local cluster as a person with kubectl finds it: real controllers, nodes that pods are scheduled on and drained from,
// volumes, logs.

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startTestControllers({ nodes: 3 });
}, CLUSTER_TIMEOUT);
afterAll(() => cluster?.stop(), 60_000);

const kubectl = async (...args: string[]): Promise<string> => {
	const { kubectl: program } = await testBinaries();
	const { stdout, stderr } = await promisify(execFile)(program, ["--kubeconfig", cluster.kubeconfig ?? "", ...args]);
	return `${stdout}${stderr}`;
};

const named = (object: KubeObject, name: string, spec: Record<string, unknown> = {}): KubeObject => ({
	...object,
	metadata: { ...object.metadata, name },
	spec: { ...Object(object["spec"]), ...spec },
});

const labelled = (app: string, spec: Record<string, unknown>, annotations?: Record<string, string>) => ({
	selector: { matchLabels: { app } },
	template: { metadata: { labels: { app }, ...(annotations && { annotations }) }, spec },
});

it("has ready nodes in zones, a default storage class, and all admission plugins that need no cloud", async () => {
	await eventually(async () => {
		const nodes = await kubectl("get", "nodes", "-L", "topology.kubernetes.io/zone");
		expect(nodes.match(/ Ready .*zone-[abc]/g)).toHaveLength(3);
	});
	expect(await kubectl("get", "storageclass")).toContain("standard (default)");
	await cluster.store.create(named(deployment(), "plain"));
	await eventually(async () => {
		const [pod] = JSON.parse(await kubectl("get", "pods", "-l", "app=demo", "-o", "json")).items as KubeObject[];
		expect(stringAt(pod, "spec", "serviceAccountName")).toBe("default");
		expect(JSON.stringify(pod)).toContain("kube-api-access");
	});
});

it("schedules pods, rolls them out, and serves their logs", { timeout: 60_000 }, async () => {
	expect(await kubectl("rollout", "status", "deployment/plain", "--timeout=30s")).toContain("successfully rolled out");
	expect(await kubectl("get", "pods", "-l", "app=demo", "-o", "wide")).toMatch(
		/Running .* 10\.244\.\d+\.\d+ +node-[123]/,
	);
	expect(await kubectl("logs", "deployment/plain")).toContain("started from app:1");
	expect(await kubectl("logs", "deployment/plain", "--timestamps", "--tail=1")).toMatch(/^20\d\d-.*Z started/);
	const described = await kubectl("describe", "pods", "-l", "app=demo");
	for (const reason of ["Scheduled", "Pulled", "Created", "Started"]) expect(described).toContain(reason);
});

it("says of pods that can't start what a real node says", { timeout: 60_000 }, async () => {
	const env = [{ name: "A", valueFrom: { secretKeyRef: { name: "absent", key: "k" } } }];
	const containers = [
		{ name: "app", image: "app:1", env },
		{ name: "other", image: "app:broken" },
	];
	await cluster.store.create(named(deployment(), "stuck", labelled("stuck", { containers })));
	const crash = labelled(
		"crash",
		{ containers: [{ name: "app", image: "app:1" }] },
		{ "local.prism.io/fail": "crash" },
	);
	await cluster.store.create(named(deployment(), "crash", crash));
	await eventually(async () => {
		const stuck = await kubectl("describe", "pods", "-l", "app=stuck");
		for (const text of ["CreateContainerConfigError", 'secret "absent" not found', "ImagePullBackOff"])
			expect(stuck).toContain(text);
		expect(await kubectl("get", "pods", "-l", "app=crash")).toContain("CrashLoopBackOff");
	});
	expect(await kubectl("logs", "deployment/crash")).toContain("ends with code 1");
	await expect(kubectl("logs", "deployment/stuck", "-c", "other")).rejects.toThrow("is waiting to start");
	await kubectl("delete", "deployment", "stuck", "crash");
});

it("gives claims volumes, lets them grow, and takes the volumes away with them", { timeout: 90_000 }, async () => {
	const claim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: storage("1Gi") } };
	const set = named(statefulSet(), "kept", { ...labelled("kept", podTemplate().spec), replicas: 1 });
	await cluster.store.create({ ...set, spec: { ...Object(set["spec"]), volumeClaimTemplates: [claim] } });
	expect(await kubectl("rollout", "status", "statefulset/kept", "--timeout=30s")).toContain("complete");
	expect(await kubectl("get", "pvc", "data-kept-0")).toMatch(/Bound +pvc-\S+ +1Gi .*standard/);
	await kubectl("patch", "pvc", "data-kept-0", "-p", JSON.stringify({ spec: { resources: storage("2Gi") } }));
	await eventually(async () => expect(await kubectl("get", "pvc,pv")).toMatch(/pvc-\S+ +2Gi.*pvc-\S+ +2Gi/s));
	await kubectl("delete", "statefulset", "kept");
	await kubectl("delete", "pvc", "data-kept-0");
	await eventually(async () => expect(await kubectl("get", "pv")).toContain("No resources found"));
});
const storage = (size: string) => ({ requests: { storage: size } });

it("leaves claims of a class that is not there unbound, and their pods unscheduled", { timeout: 60_000 }, async () => {
	const claim = {
		metadata: { name: "data" },
		spec: { accessModes: ["ReadWriteOnce"], resources: storage("1Gi"), storageClassName: "absent" },
	};
	const set = named(statefulSet(), "homeless", { ...labelled("homeless", podTemplate().spec), replicas: 1 });
	await cluster.store.create({ ...set, spec: { ...Object(set["spec"]), volumeClaimTemplates: [claim] } });
	await eventually(async () => {
		expect(await kubectl("describe", "pod", "homeless-0")).toMatch(/FailedScheduling.*unbound/i);
		expect(await kubectl("describe", "pvc", "data-homeless-0")).toContain('"absent" not found');
	});
	await kubectl("delete", "statefulset", "homeless");
});

it("drains a node, and moves its pods to others", { timeout: 60_000 }, async () => {
	const nodeOf = async () => {
		const { items } = JSON.parse(await kubectl("get", "pods", "-l", "app=demo", "-o", "json")) as {
			items: KubeObject[];
		};
		const [pod] = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
		return stringAt(objectAt(pod, "spec"), "nodeName");
	};
	const before = await nodeOf();
	const drained = await kubectl(
		"drain",
		before ?? "",
		"--ignore-daemonsets",
		"--delete-emptydir-data",
		"--timeout=30s",
	);
	expect(drained).toContain("drained");
	await eventually(async () => expect(["", undefined, before]).not.toContain(await nodeOf()));
	await kubectl("rollout", "status", "deployment/plain", "--timeout=30s");
	await kubectl("uncordon", before ?? "");
});
