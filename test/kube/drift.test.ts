import { describe, expect, it } from "vitest";
import { adopting, changedFields, correction, isRewritten } from "../../kube/drift.ts";
import { applyUpdate, withLastApplied } from "../../kube/dynamic-apply.ts";
import type { KubeObject } from "../../schemas/common.ts";

const object = (kind: string, spec: unknown): KubeObject => ({ apiVersion: "v1", kind, metadata: { name: "a" }, spec });
const container = (fields: Record<string, unknown>, name = "c") => ({
	template: { spec: { containers: [{ name, image: "a:1", ...fields }] } },
});
const C = "spec.template.spec.containers[name=c]";

describe("fields that are not as they were sent", () => {
	it.each([
		{ reason: "none", kind: "Service", sent: { ports: [{ port: 1 }] }, there: { ports: [{ port: 1 }] }, paths: [] },
		{
			reason: "another port in the place of one",
			kind: "Service",
			sent: { ports: [{ name: "a", port: 1 }] },
			there: { ports: [{ name: "a", port: 2 }] },
			paths: ["-spec.ports[port=1]"],
		},
		{
			reason: "another port beside it",
			kind: "Service",
			sent: { ports: [{ name: "a", port: 1 }] },
			there: {
				ports: [
					{ name: "b", port: 2 },
					{ name: "a", port: 1 },
				],
			},
			paths: [],
		},
		{
			reason: "a port of a container",
			kind: "Deployment",
			sent: container({ ports: [{ containerPort: 1 }] }),
			there: container({ ports: [{ containerPort: 2 }] }),
			paths: [`-${C}.ports[containerPort=1]`],
		},
		{
			reason: "an image that admission rewrote",
			kind: "Deployment",
			sent: container({}),
			there: container({ image: "mirror/a:1" }),
			paths: [`${C}.image`],
		},
		{
			reason: "resources that admission set",
			kind: "Deployment",
			sent: container({ resources: { requests: { cpu: "100m" }, limits: { memory: "1Gi" } } }),
			there: container({ resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1024Mi" } } }),
			paths: [`${C}.resources.requests.cpu`],
		},
		{
			reason: "a container that admission put first",
			kind: "Deployment",
			sent: { containers: [{ name: "c" }] },
			there: { containers: [{ name: "proxy" }, { name: "c" }] },
			paths: [],
		},
		{
			reason: "items that no key tells apart",
			kind: "Job",
			sent: { args: ["a", "b"] },
			there: { args: ["a", "c"] },
			paths: ["spec.args"],
		},
		{ reason: "more of them", kind: "Job", sent: { args: ["a"] }, there: { args: ["a", "b"] }, paths: ["spec.args"] },
		{
			reason: "a budget of the other field",
			kind: "PodDisruptionBudget",
			sent: { maxUnavailable: 1 },
			there: { minAvailable: 1 },
			paths: ["-spec.maxUnavailable"],
		},
		{ reason: "the count of pods", kind: "Deployment", sent: { replicas: 1 }, there: { replicas: 5 }, paths: [] },
		{
			reason: "what the API server leaves out",
			kind: "Service",
			sent: { a: [], b: {}, c: false, d: "", e: 0, f: null },
			there: {},
			paths: [],
		},
		{
			reason: "what the API server adds",
			kind: "Deployment",
			sent: { strategy: { type: "RollingUpdate" } },
			there: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } }, revisionHistoryLimit: 10 },
			paths: [],
		},
		{ reason: "a field that it does not know", kind: "Service", sent: { new: 1 }, there: {}, paths: ["-spec.new"] },
		{ reason: "a spec that is no map", kind: "Service", sent: { ports: [1] }, there: null, paths: ["spec"] },
	])("$paths: $reason", ({ kind, sent, there, paths }) => {
		const found = changedFields(object(kind, sent), object(kind, there));
		expect(found.map(({ path, stored }) => `${stored === undefined ? "-" : ""}${path}`)).toEqual(paths);
	});

	it("are labels and annotations of ours, and data", () => {
		const sent = { ...object("ConfigMap", {}), data: { a: "1" } };
		const of = (labels: Record<string, string>, data: Record<string, string>) => ({
			...sent,
			metadata: { name: "a", labels },
			data,
		});
		const found = changedFields(of({ a: "1" }, { a: "1" }), of({ a: "2", b: "1" }, { a: "2", b: "1" }));
		expect(found.map(({ path }) => path)).toEqual(["metadata.labels.a", "data.a"]);
	});
});

describe("a correction", () => {
	const SINCE = "2026-01-01T00:00:00Z";
	/** What the API server has after someone changed the spec, and after each sync of a child that is to be corrected. */
	const corrected = (kind: string, sent: unknown, changed: unknown): unknown[] => {
		const wanted = object(kind, sent);
		let stored: KubeObject = { ...withLastApplied(wanted, wanted), spec: changed };
		return [1, 2].map(() => {
			stored = applyUpdate(stored, correction(wanted, stored, SINCE));
			return stored["spec"];
		});
	};

	it.each([
		{
			reason: "a port's number",
			kind: "Service",
			sent: { ports: [{ name: "a", port: 1 }] },
			changed: { clusterIP: "10.0.0.1", ports: [{ name: "a", port: 2, nodePort: 3 }] },
			after: { clusterIP: "10.0.0.1", ports: [{ name: "a", port: 1 }] },
		},
		{
			reason: "one of two ports, beside one that somebody else added",
			kind: "Service",
			sent: {
				ports: [
					{ name: "a", port: 1 },
					{ name: "b", port: 2 },
				],
			},
			changed: {
				ports: [
					{ name: "a", port: 9 },
					{ name: "b", port: 2 },
				],
			},
			after: {
				ports: [
					{ name: "b", port: 2 },
					{ name: "a", port: 1 },
				],
			},
		},
		{
			reason: "a budget's other field",
			kind: "PodDisruptionBudget",
			sent: { maxUnavailable: 1 },
			changed: { minAvailable: 1 },
			after: { maxUnavailable: 1 },
		},
		{
			reason: "another kind of probe",
			kind: "Deployment",
			sent: container({ livenessProbe: { httpGet: { port: 1 } } }),
			changed: container({ livenessProbe: { tcpSocket: { port: 1 }, periodSeconds: 10 } }),
			after: container({ livenessProbe: { periodSeconds: 10, httpGet: { port: 1 } } }),
		},
		{
			reason: "a variable's source",
			kind: "Deployment",
			sent: container({ env: [{ name: "A", value: "1" }] }),
			changed: container({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }),
			after: container({ env: [{ name: "A", value: "1" }] }),
		},
	])("sends first what excludes ours, and then leaves it out: $reason", ({ kind, sent, changed, after }) => {
		const [between, last] = corrected(kind, sent, changed);
		expect(between).toEqual(changed);
		expect(last).toEqual(after);
	});

	it("takes over nothing that is merely beside ours", () => {
		const wanted = object("Deployment", container({}));
		const observed = object("Deployment", {
			paused: true,
			template: {
				spec: { containers: [{ name: "mesh" }, { name: "c", image: "b:1", args: ["x"] }], hostNetwork: true },
			},
		});
		expect(adopting(wanted, observed)).toBe(wanted);
	});

	it("shows by an annotation whether it was accepted", () => {
		const wanted = object("Service", { a: 1 });
		const sent = correction(wanted, object("Service", { a: 2 }), SINCE);
		expect(isRewritten(sent, SINCE)).toBe(true);
		expect(isRewritten(sent, "2026-01-02T00:00:00Z")).toBe(false);
		const taken = correction(
			object("Service", { ports: [{ port: 1 }] }),
			object("Service", { ports: [{ port: 2 }] }),
			SINCE,
		);
		expect(isRewritten(taken, SINCE)).toBe(false);
		expect(isRewritten(correction(wanted, taken, SINCE), SINCE)).toBe(true);
	});
});
