import { newName } from "../../hooks/prismstack/names.ts";
import { derivedName } from "../../kube/names.ts";
import { seenOf } from "../../kube/partial-object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { PrismStack } from "../../schemas/prismstack.ts";

// References between the given objects. An object that is not given can be in the cluster, so each problem is a warning.

export interface FileFinding {
	/** The referring field. */
	readonly path: string;
	readonly message: string;
}

export const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? "default";

export const inNamespace = (objects: readonly KubeObject[], kind: string, namespace: string): KubeObject[] =>
	objects.filter((object) => object.kind === kind && namespaceOf(object) === namespace);

const has = (objects: readonly KubeObject[], kind: string, namespace: string, name: string): boolean =>
	inNamespace(objects, kind, namespace).some(({ metadata }) => metadata.name === name);

type References = (object: KubeObject, objects: readonly KubeObject[]) => FileFinding[];

const backendOf: References = (runner, objects) => {
	const { name } = seenOf(PatternRunner, runner).spec.backendConfig ?? {};
	const namespace = namespaceOf(runner);
	if (name === undefined || has(objects, "BackendConfig", namespace, name)) return [];
	const byStack = inNamespace(objects, "PrismStack", namespace).some((stack) => {
		const { backends = [] } = seenOf(PrismStack, stack).spec;
		return backends.some(({ name: own = "" }) =>
			[newName(stack.metadata.name, own), derivedName(stack.metadata.name, own)].includes(name),
		);
	});
	return byStack ? [] : [{ path: "spec.backendConfig.name", message: `no BackendConfig "${name}" in these files` }];
};

const proxiesOf: References = (object, objects) => {
	const { name, namespace = namespaceOf(object) } = seenOf(PrismNamespace, object).spec.proxyRef ?? {};
	if (name === undefined) return [];
	const hasStack = (stack: string) => has(objects, "PrismStack", namespace, stack);
	if (name.endsWith("-proxy") && hasStack(name.replace(/-proxy$/, ""))) return [];
	const slip = hasStack(name) ? `: the proxies of PrismStack ${name} are "${name}-proxy"` : "";
	return [{ path: "spec.proxyRef.name", message: `no PrismStack in these files has proxies "${name}"${slip}` }];
};

const shardsBeside = (object: KubeObject, objects: readonly KubeObject[]): KubeObject[] =>
	inNamespace(objects, "PrismShard", seenOf(PrismNamespace, object).spec.shard?.namespace ?? namespaceOf(object));

export const matchingShards = (object: KubeObject, objects: readonly KubeObject[]): KubeObject[] => {
	const { shard, backend } = seenOf(PrismNamespace, object).spec;
	const isMatching = (one: KubeObject): boolean => {
		const { backends, ...is } = seenOf(PrismShard, one).spec;
		return (
			(backend === undefined || backends === undefined || backends.includes(backend)) &&
			(["product", "feature", "slaTier"] as const).every((field) => {
				const wanted = shard?.[field];
				return wanted === undefined || is[field] === wanted;
			})
		);
	};
	return shardsBeside(object, objects).filter(isMatching);
};

const shardsOf: References = (object, objects) => {
	const { proxyRef, shard } = seenOf(PrismNamespace, object).spec;
	if (proxyRef !== undefined || matchingShards(object, objects).length > 0) return [];
	const shards = shardsBeside(object, objects);
	const there = shards.length === 0 ? "" : ` (there is ${shards.map(({ metadata }) => metadata.name).join(", ")})`;
	const path = shard === undefined ? "spec.backend" : "spec.shard";
	return [{ path, message: `no PrismShard in these files serves it${there}` }];
};

const pluginsOf: References = (shard, objects) =>
	(seenOf(PrismShard, shard).spec.plugins ?? []).flatMap(({ name, deployment }, index) => {
		if (name === undefined || has(objects, "PrismPlugin", namespaceOf(shard), name)) return [];
		const instead = deployment === "remote" ? "nothing would serve it" : "the installation's image would be used";
		return [{ path: `spec.plugins[${index}].name`, message: `no PrismPlugin "${name}" in these files: ${instead}` }];
	});

const patternBackends: References = (stack) => {
	const { backends = [], patterns = [] } = seenOf(PrismStack, stack).spec;
	if (backends.length === 0) return [];
	return patterns.flatMap(({ backend }, index) => {
		if (backend === undefined || backend === "memstore" || backends.some(({ name }) => name === backend)) return [];
		const message = `spec.backends has no "${backend}": the pattern runs without a BackendConfig`;
		return [{ path: `spec.patterns[${index}].backend`, message }];
	});
};

const REFERENCES: Readonly<Record<string, readonly References[]>> = {
	PatternRunner: [backendOf],
	PrismNamespace: [proxiesOf, shardsOf],
	PrismShard: [pluginsOf],
	PrismStack: [patternBackends],
};

/** References to objects that are not given. */
export const danglingReferences: References = (object, objects) =>
	(REFERENCES[object.kind] ?? []).flatMap((references) => references(object, objects));
