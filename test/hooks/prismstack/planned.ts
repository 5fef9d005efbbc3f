import { prismStack } from "../../../hooks/prismstack/index.ts";
import { planStack, type Seen, type StackPlan } from "../../../hooks/prismstack/plan.ts";
import { admitted, syncRequest } from "../../../kube/offline.ts";
import { readerOf } from "../../../kube/received-object.ts";
import { isRefusal } from "../../../kube/spec-refusal.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { Installation } from "../../../schemas/installation.ts";
import { PrismStack } from "../../../schemas/prismstack.ts";
import { INSTALLATION } from "../../installation.ts";
import { NOW, object } from "../situations.ts";

// Plans of stacks named `it` in namespace `prism`, from which each builder makes its child.

const readStack = readerOf(PrismStack);

export const planned = (
	spec: Record<string, unknown> = {},
	installation: Partial<Installation> = {},
	metadata: Partial<KubeObject["metadata"]> = {},
): StackPlan => {
	const stack = readStack(admitted(PrismStack, object("PrismStack", spec, metadata), NOW));
	if (isRefusal(stack)) throw new Error(JSON.stringify(stack));
	const plan = planStack(stack, { now: NOW, installation: { ...INSTALLATION, ...installation } });
	if (isRefusal(plan)) throw new Error(JSON.stringify(plan));
	return plan;
};

/** The plan of a control plane, which is its stack's. */
export const plannedAdmin = (admin: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => {
	const plan = planned({ ...more, admin: { enabled: true, ...admin } });
	if (plan.admin === undefined) throw new Error("the stack has no control plane");
	return { plan, admin: plan.admin };
};

/** These children, and no answers. */
export const seeing = (...observed: KubeObject[]): Seen => ({
	request: syncRequest(admitted(PrismStack, object("PrismStack", {}), NOW), prismStack.children, observed, []),
	now: NOW,
	answers: [],
});
