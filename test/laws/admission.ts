import type { CompositeRow } from "../../kube/hook.ts";
import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { CORRECTION_ANNOTATION, YIELDED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { stored } from "../world/stored.ts";
import { worldIn } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";

// What admission policies, injectors and other people's controllers do to an object while it is stored.

/** The object as a cluster stores it that mirrors images, fixes resources, injects sidecars and labels everything. */
export const rewritten = (object: KubeObject): KubeObject => {
	const { metadata, spec, ...rest } = object;
	const changed = {
		...rest,
		metadata: {
			...metadata,
			labels: { ...metadata.labels, "corp.example/team": "a" },
			annotations: { ...metadata.annotations, "corp.example/seen": "true" },
		},
	};
	if (!isRecord(spec)) return changed;
	if (object.kind === "Service") return { ...changed, spec: { ...spec, ipFamilies: ["IPv6"] } };
	if (!isRecord(spec["template"])) return { ...changed, spec };
	return { ...changed, spec: { ...spec, template: rewrittenPods(spec["template"]) } };
};

/** What is answered while everything that is sent is rewritten like that: at once, and then 6, 31, 60 and 3,600 s later. */
export const behindAdmission = (
	row: CompositeRow,
	start: Scenario,
	present: readonly KubeObject[],
): CompositeResponse[] => {
	const world = worldIn(row, start, present.map(rewritten));
	world.written = (...given) => rewritten(stored(...given));
	return [0, 6, 25, 29, 3540].map((seconds) => {
		world.pass(seconds);
		return world.sync();
	});
};

/** A child without what is sent only to correct it. */
export const uncorrected = ({ metadata, ...child }: KubeObject): KubeObject => {
	const { [CORRECTION_ANNOTATION]: _correction, ...annotations } = metadata.annotations ?? {};
	return { ...child, metadata: { ...metadata, annotations } };
};

/** A child of which nothing is remembered to be rewritten. */
export const unyielded = ({ metadata, ...child }: KubeObject): KubeObject => {
	const { [YIELDED_ANNOTATION]: _yielded, ...annotations } = metadata.annotations ?? {};
	return { ...child, metadata: { ...metadata, annotations } };
};

/** The object with one more field in every map of its metadata and its spec. */
export const withForeignFields = (object: KubeObject): KubeObject => {
	const { labels, annotations } = object.metadata;
	return {
		...object,
		metadata: {
			...object.metadata,
			labels: { ...labels, foreign: "a" },
			annotations: { ...annotations, foreign: "a" },
		},
		...("spec" in object && { spec: withForeignField(object["spec"]) }),
	};
};

const withForeignField = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withForeignField);
	if (!isRecord(value)) return value;
	return Object.fromEntries([
		// They can't be changed, and are answered as they are.
		...Object.entries(value).map(([field, inner]) => [
			field,
			field === "volumeClaimTemplates" ? inner : withForeignField(inner),
		]),
		["foreign", "a"],
	]);
};

const MIRROR = "mirror.example.com/";

const rewrittenPods = (template: Record<string, unknown>): Record<string, unknown> => {
	const pod = valueAt(template, "spec");
	const list = (name: string) => recordsAt(pod, name);
	const initial = list("initContainers");
	return {
		...template,
		spec: {
			...(isRecord(pod) && pod),
			...(initial.length > 0 && { initContainers: initial.map(rewrittenContainer) }),
			containers: withItem(list("containers").map(rewrittenContainer), { name: "mesh", image: `${MIRROR}mesh:1` }),
			tolerations: withItem(list("tolerations"), { key: "spot", operator: "Exists" }),
			dnsPolicy: "ClusterFirst",
			priorityClassName: "default",
		},
	};
};

const rewrittenContainer = (container: Record<string, unknown>): Record<string, unknown> => ({
	...container,
	image: MIRROR + String(container["image"]).replace(MIRROR, ""),
	imagePullPolicy: "Always",
	resources: { limits: { cpu: "500m", memory: "2Gi" }, requests: { cpu: "500m", memory: "2Gi" } },
	env: withItem(recordsAt(container, "env"), { name: "HTTP_PROXY", value: "http://proxy.example.com" }),
});

/** Once, however often the object passes. */
const withItem = (list: readonly Record<string, unknown>[], item: Record<string, unknown>) => [
	...list.filter((other) => (other["name"] ?? other["key"]) !== (item["name"] ?? item["key"])),
	item,
];
