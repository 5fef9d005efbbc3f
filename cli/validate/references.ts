import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";

// References between objects of the given files. What is not there may be in the cluster: each is a warning, no error.

export interface Finding {
	/** Field that refers, or that repeats. */
	readonly path: string;
	readonly message: string;
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? "default";

const has = (objects: readonly KubeObject[], kind: string, namespace: string, name: string): boolean =>
	objects.some((object) => object.kind === kind && namespaceOf(object) === namespace && object.metadata.name === name);

/** What an object refers to and nobody of the given ones is. */
export const danglingReferences = (object: KubeObject, objects: readonly KubeObject[]): Finding[] => {
	switch (object.kind) {
		case "PatternRunner":
			return backendOf(object, objects);
		case "PrismNamespace":
			return [...proxiesOf(object, objects), ...shardsOf(object, objects)];
		case "PrismShard":
			return pluginsOf(object, objects);
		case "PrismStack":
			return patternBackends(object);
		default:
			return [];
	}
};

const backendOf = (runner: KubeObject, objects: readonly KubeObject[]): Finding[] => {
	const name = textAt(runner, "spec", "backendConfig", "name");
	if (name === undefined || has(objects, "BackendConfig", namespaceOf(runner), name)) return [];
	// A stack makes BackendConfigs named <stack>-<backend>.
	const byStack = objects
		.filter((object) => object.kind === "PrismStack" && namespaceOf(object) === namespaceOf(runner))
		.some((stack) =>
			recordsAt(stack, "spec", "backends").some(
				(backend) => `${stack.metadata.name}-${String(backend["name"])}` === name,
			),
		);
	return byStack ? [] : [{ path: "spec.backendConfig.name", message: `no BackendConfig "${name}" in these files` }];
};

const proxiesOf = (namespace: KubeObject, objects: readonly KubeObject[]): Finding[] => {
	const name = textAt(namespace, "spec", "proxyRef", "name");
	if (name === undefined) return [];
	const place = textAt(namespace, "spec", "proxyRef", "namespace") ?? namespaceOf(namespace);
	if (has(objects, "PrismStack", place, name.replace(/-proxy$/, "")) && name.endsWith("-proxy")) return [];
	const slip = has(objects, "PrismStack", place, name) ? `: the proxies of PrismStack ${name} are "${name}-proxy"` : "";
	return [{ path: "spec.proxyRef.name", message: `no PrismStack in these files has proxies "${name}"${slip}` }];
};

const shardsOf = (namespace: KubeObject, objects: readonly KubeObject[]): Finding[] => {
	const { spec } = namespace;
	if (valueAt(spec, "proxyRef") !== undefined) return [];
	const place = textAt(spec, "shard", "namespace") ?? namespaceOf(namespace);
	const shards = objects.filter((object) => object.kind === "PrismShard" && namespaceOf(object) === place);
	const backend = textAt(spec, "backend");
	const matching = shards.filter((shard) => {
		const serves: unknown = valueAt(shard, "spec", "backends");
		const servesIt = backend === undefined || !Array.isArray(serves) || serves.includes(backend);
		return (
			servesIt &&
			(["product", "feature", "slaTier"] as const).every((field) => {
				const wanted = textAt(spec, "shard", field);
				return wanted === undefined || textAt(shard, "spec", field) === wanted;
			})
		);
	});
	if (matching.length > 0) return [];
	const path = isRecord(valueAt(spec, "shard")) ? "spec.shard" : "spec.backend";
	return [
		{
			path,
			message: `no PrismShard in these files serves it${shards.length === 0 ? "" : ` (there is ${shards.map(({ metadata }) => metadata.name).join(", ")})`}`,
		},
	];
};

const pluginsOf = (shard: KubeObject, objects: readonly KubeObject[]): Finding[] =>
	recordsAt(shard, "spec", "plugins").flatMap(({ name, deployment }, index) =>
		typeof name !== "string" || has(objects, "PrismPlugin", namespaceOf(shard), name)
			? []
			: [
					{
						path: `spec.plugins[${index}].name`,
						message: `no PrismPlugin "${name}" in these files: ${deployment === "remote" ? "nothing would serve it" : "the installation's image would be used"}`,
					},
				],
	);

const patternBackends = (stack: KubeObject): Finding[] => {
	const names = recordsAt(stack, "spec", "backends").map(({ name }) => name);
	if (names.length === 0) return [];
	return recordsAt(stack, "spec", "patterns").flatMap(({ backend }, index) =>
		typeof backend !== "string" || backend === "memstore" || names.includes(backend)
			? []
			: [
					{
						path: `spec.patterns[${index}].backend`,
						message: `spec.backends has no "${backend}": the pattern runs without a BackendConfig`,
					},
				],
	);
};
