import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated } from "../../kube/checks.ts";
import { conditionOf, type Verdict } from "../../kube/conditions.ts";
import { isRecord } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { BackendPlan } from "./plan.ts";

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (
	plan: BackendPlan | Refusal,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Verdict => {
	if (isRefusal(plan)) return refusedVerdict(plan);
	return childrenOutdated(children, observed, DESIRED_HASH_ANNOTATION) ?? published(plan);
};

const published = ({ binding }: BackendPlan): Verdict => ({
	ready: "True",
	phase: "Ready",
	reason: "NotChecked",
	message: `the connection (${binding.provider}) is published in ConfigMap ${binding.configMap}; whether the backend answers is not checked`,
});

/**
 * The binding is told once the objects that it names were observed. Until then, and while the spec is refused, it stays
 * what it was: the runners that use it go on undisturbed.
 */
export const statusFields = (
	backend: KubeObject,
	plan: BackendPlan | Refusal,
	verdict: Verdict,
): Record<string, unknown> => ({
	binding: isRefusal(plan) || verdict.ready !== "True" ? previousBinding(backend) : plan.binding,
});

const previousBinding = (backend: KubeObject): unknown => {
	const status = backend["status"];
	return isRecord(status) ? status["binding"] : undefined;
};

/** The Ready condition's message, once more where a column of `kubectl get` finds it. */
export const withMessage = (backend: KubeObject, status: Record<string, unknown>): Record<string, unknown> => ({
	...status,
	message: conditionOf({ ...backend, status }, "Ready")?.message,
});
