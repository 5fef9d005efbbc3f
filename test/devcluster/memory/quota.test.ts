import { expect, it } from "vitest";
import { quotaExceeded } from "../../../devcluster/memory/quota.ts";
import type { KubeObject } from "../../../schemas/common.ts";

const object = (kind: string, name: string, fields: object): KubeObject => ({
	apiVersion: "v1",
	kind,
	metadata: { name, namespace: "team" },
	...fields,
});
const pod = (resources: object, status: object = {}): KubeObject =>
	object("Pod", "p", { spec: { containers: [{ name: "main", resources }] }, status });
const quota = (hard: object): KubeObject => object("ResourceQuota", "q", { spec: { hard } });
const CPU = { requests: { cpu: "500m" } };

it.each<[string, object, KubeObject, readonly KubeObject[], string | undefined]>([
	["room for one more", { pods: "2" }, pod({}), [pod({})], undefined],
	[
		"no room for one more",
		{ pods: "1" },
		pod({}),
		[pod({})],
		"exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
	],
	[
		"pods that ended",
		{ pods: "1" },
		pod({}),
		[pod({}, { phase: "Succeeded" }), pod({}, { phase: "Failed" })],
		undefined,
	],
	["enough cpu, in other units", { cpu: "1" }, pod(CPU), [pod(CPU)], undefined],
	[
		"too little cpu",
		{ "requests.cpu": "900m" },
		pod(CPU),
		[pod(CPU)],
		"exceeded quota: q, requested: requests.cpu=0.5, used: requests.cpu=0.5, limited: requests.cpu=900m",
	],
	["a limit instead of a request", { "requests.memory": "1Gi" }, pod({ limits: { memory: "512Mi" } }), [], undefined],
	[
		"a container that states nothing",
		{ memory: "1Gi", "limits.cpu": "1" },
		pod({}),
		[],
		"failed quota: q: must specify requests.memory for: main; limits.cpu for: main",
	],
	["a resource that is not counted here", { "services.loadbalancers": "0" }, pod({}), [], undefined],
])("%s", (_, hard, wanted, pods, reason) => {
	expect(quotaExceeded(wanted, [quota(hard)], pods)).toBe(reason);
});

it("asks every quota of the namespace, and reports the first that rejects", () => {
	const quotas = [quota({ pods: "5" }), { ...quota({ pods: "0" }), metadata: { name: "second" } }];
	expect(quotaExceeded(pod({}), quotas, [])).toMatch(/^exceeded quota: second/);
	expect(quotaExceeded(pod({}), [], [])).toBeUndefined();
});
