import { expect, test } from "vitest";
import { availableIn, podFrom, templateHash, withoutZeros } from "../../../../devcluster/controllers/workloads/pods.ts";
import type { Pod } from "../../../../devcluster/controllers/workloads/shapes.ts";
import { deployment, podTemplate } from "../../workload-objects.ts";

test("a pod is its template's, on the one node, controlled by its owner", () => {
	const owner = deployment();
	const pod = podFrom({ ...owner, metadata: { ...owner.metadata, uid: "u" } }, podTemplate("app:1", { a: "b" }));
	expect(pod).toMatchObject({
		kind: "Pod",
		metadata: { namespace: "default", labels: { app: "demo" }, annotations: { a: "b" } },
		spec: { nodeName: "local", containers: [{ image: "app:1" }] },
	});
	expect(pod.metadata.ownerReferences).toMatchObject([
		{ kind: "Deployment", name: "demo", uid: "u", controller: true },
	]);
	expect(podFrom(owner, { spec: { containers: [] } }).metadata).not.toHaveProperty("annotations");
});

test("the hash of a template is its content's, in the alphabet of Kubernetes", () => {
	const hash = templateHash(podTemplate());
	expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
	const { metadata, spec } = podTemplate();
	expect(templateHash({ spec, metadata })).toBe(hash);
	expect(templateHash(podTemplate("app:2"))).not.toBe(hash);
});

const NOW = Date.parse("2026-01-01T00:00:30Z");
const pod = (status: "True" | "False"): Pod => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo" },
	spec: { containers: [] },
	status: { conditions: [{ type: "Ready", status, lastTransitionTime: "2026-01-01T00:00:00Z" }] },
});

test.each([
	["False", 0, Number.POSITIVE_INFINITY],
	["True", 0, 0],
	["True", 29, 0],
	["True", 30, 0],
	["True", 31, 1000],
] as const)(
	"a pod whose readiness is %s, ready for 30 s of %d s, is available in %d ms",
	(status, minReadySeconds, ms) => {
		expect(availableIn(pod(status), minReadySeconds, NOW)).toBe(ms);
	},
);

test("counters are left out while they are zero", () => {
	expect(withoutZeros({ a: 0, b: 1, c: -1 })).toEqual({ b: 1, c: -1 });
});
