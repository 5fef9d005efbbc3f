import { conditionOf, type Verdict } from "../../kube/conditions.ts";
import { isRecord, kindKey, objectKey } from "../../kube/object.ts";
import { haveSameController } from "../../kube/ownership.ts";
import { checkOf } from "../../kube/schema.ts";
import { secondsBetween } from "../../kube/time.ts";
import { Binding } from "../../schemas/backendconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PatternRunner } from "../../schemas/patternrunner.ts";
import { API_VERSION, OWN_BACKEND_ANNOTATION } from "../../schemas/vocabulary.ts";

// The BackendConfig that a runner refers to, and whether its pods can be built.

const isBinding = checkOf(Binding);

/** How the backend stands; `deploy`: whether a Deployment is built, or held as observed. */
export interface Backend {
	readonly binding: Binding | undefined;
	readonly deploy: "build" | "hold";
	/** Why it can't be used yet. */
	readonly verdict: Verdict | undefined;
	/** Seconds until time alone changes that; what becomes of the BackendConfig wakes the runner. */
	readonly resyncAfterSeconds?: number;
}

/** Seconds that a new runner waits for a BackendConfig that does not exist yet: a stack creates both at once. */
const BACKEND_GRACE_SECONDS = 10;

/** Name of the BackendConfig to relate to; undefined when spec names none that could be used. Reads spec only. */
export const backendReference = (parent: KubeObject): string | undefined => {
	const spec = parent["spec"];
	const reference = isRecord(spec) ? spec["backendConfig"] : undefined;
	if (!isRecord(reference) || typeof reference["name"] !== "string") return undefined;
	const namespace = reference["namespace"];
	return namespace === undefined || namespace === (parent.metadata.namespace ?? "default")
		? reference["name"]
		: undefined;
};

export const planBackend = (
	runner: PatternRunner,
	namespace: string,
	request: CompositeRequest,
	{ now }: Context,
): Backend => {
	const reference = runner.spec.backendConfig;
	if (reference === undefined) return { binding: undefined, deploy: "build", verdict: undefined };
	const found = request.related[kindKey(API_VERSION, "BackendConfig")]?.[`${namespace}/${reference.name}`];
	const running = request.children[kindKey("apps/v1", "Deployment")]?.[objectKey(runner)] !== undefined;
	if (found === undefined) {
		if (runner.spec.backend === "memstore") return { binding: undefined, deploy: "build", verdict: undefined };
		const grace = BACKEND_GRACE_SECONDS - secondsBetween(runner.metadata.creationTimestamp ?? now, now);
		return {
			binding: undefined,
			deploy: running || grace > 0 ? "hold" : "build",
			...(!running && grace > 0 && { resyncAfterSeconds: grace + 1 }),
			verdict: {
				ready: "False",
				phase: running ? "Degraded" : "Pending",
				finding: {
					reason: "BackendConfigNotFound",
					field: "spec.backendConfig.name",
					name: reference.name,
					namespace,
				},
			},
		};
	}
	if (runner.metadata.annotations?.[OWN_BACKEND_ANNOTATION] === "true" && !haveSameController(runner, found))
		return {
			binding: undefined,
			deploy: "hold",
			verdict: {
				ready: "False",
				phase: running ? "Degraded" : "Pending",
				finding: { reason: "BackendNotReady", about: "foreign", name: reference.name },
			},
		};
	const binding = bindingOf(found);
	const ready = conditionOf(found, "Ready");
	if (binding !== undefined && ready?.status === "True") return { binding, deploy: "build", verdict: undefined };
	return {
		binding,
		deploy: binding === undefined ? "hold" : "build",
		verdict: {
			ready: "False",
			phase: running ? "Degraded" : "Pending",
			finding: {
				reason: "BackendNotReady",
				about: "backend",
				name: reference.name,
				...(ready && { its: { reason: ready.reason, words: ready.message } }),
			},
		},
	};
};

/** What the BackendConfig published; checked, for anybody who may write its status could have written it. */
const bindingOf = (backendConfig: KubeObject): Binding | undefined => {
	const status = backendConfig["status"];
	if (!isRecord(status)) return undefined;
	const { binding } = status;
	return isBinding(binding) ? binding : undefined;
};
