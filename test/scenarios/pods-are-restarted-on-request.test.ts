import { describe, expect, it } from "vitest";
import { applyUpdate, withLastApplied } from "../../kube/dynamic-apply.ts";
import { isRead, isRecord, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";
import { answerTo, conditionsIn, object } from "../hooks/situations.ts";

const NOON = { annotations: { [RESTARTED_AT_ANNOTATION]: "2026-01-01T12:00:00Z" } };

const SPECS: readonly [kind: string, spec: unknown, workloads: readonly string[]][] = [
	["PatternRunner", { pattern: "keyvalue", backend: "memstore" }, ["Deployment it"]],
	["PrismShard", { backends: ["redis"] }, ["StatefulSet prism-it"]],
	[
		"PrismStack",
		{ admin: { enabled: true }, patterns: [{ name: "kv", type: "keyvalue", backend: "memstore" }] },
		["Deployment it-admin", "Deployment it-proxy"],
	],
];

const desired = (kind: string, spec: unknown, metadata?: Partial<KubeObject["metadata"]>): KubeObject[] =>
	answerTo({
		title: "",
		parent: object(kind, spec, metadata),
		observed: (ready) => ready.filter(isRead),
		condition: { status: "False", reason: "Progressing" },
		phase: "Pending",
	}).children;

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;
const restartedAt = (child: KubeObject): unknown =>
	valueAt(child, "spec", "template", "metadata", "annotations", RESTARTED_AT_ANNOTATION);

const recordAt = (value: unknown, ...path: string[]): Record<string, unknown> => {
	const found = valueAt(value, ...path);
	return isRecord(found) ? found : {};
};

describe.each(SPECS)("restart of a %s", (kind, spec, workloads) => {
	it("changes the pods of its own workloads, and nothing else", () => {
		const before = desired(kind, spec);
		const after = desired(kind, spec, NOON);
		const changed = after.filter((child, index) => JSON.stringify(child) !== JSON.stringify(before[index]));
		expect(changed.map(nameOf).toSorted()).toEqual(workloads);
		for (const child of changed) expect(restartedAt(child)).toBe(NOON.annotations[RESTARTED_AT_ANNOTATION]);
		// Children of kinds that know the annotation would hand it on.
		for (const child of after) expect(child.metadata.annotations).not.toHaveProperty([RESTARTED_AT_ANNOTATION]);
	});

	it("is not Ready until the pods are new", () => {
		const old = desired(kind, spec);
		const answer = answerTo({
			title: "",
			parent: object(kind, spec, NOON),
			observed: (ready) =>
				ready.map((child) => ({
					...child,
					metadata: old.find((other) => nameOf(other) === nameOf(child))?.metadata ?? child.metadata,
				})),
			condition: { status: "False", reason: "Progressing" },
			phase: "Pending",
		});
		expect(conditionsIn(answer).find(({ type }) => type === "Ready")).toMatchObject({
			status: "False",
			reason: "Progressing",
		});
	});

	it("waits while the object is paused", () => {
		const annotations = { ...NOON.annotations, "prism.io/paused": "true" };
		const { children } = answerTo({
			title: "",
			parent: object(kind, spec, { annotations }),
			condition: { status: "True", reason: "StackReady" },
			phase: "Running",
		});
		expect(children.length).toBeGreaterThan(0);
		expect(children.map(restartedAt).filter((value) => value !== undefined)).toEqual([]);
	});

	it("leaves kubectl rollout restart of a child alone", () => {
		for (const child of desired(kind, spec).filter((own) => workloads.includes(nameOf(own)))) {
			const sent = withLastApplied(child, child);
			const byHand = structuredClone(sent);
			const annotations = { "kubectl.kubernetes.io/restartedAt": "noon" };
			const template = recordAt(byHand, "spec", "template", "metadata");
			template["annotations"] = { ...recordAt(template, "annotations"), ...annotations };
			const applied = applyUpdate(byHand, child);
			expect(valueAt(applied, "spec", "template", "metadata", "annotations")).toMatchObject(annotations);
		}
	});
});
