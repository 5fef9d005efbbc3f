import { heldChildren } from "../../kube/held-children.ts";
import { stampedChildren } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { pluginDeployment } from "./deployment.ts";
import type { PluginInput, PluginPlan } from "./plan.ts";
import { pluginBudget } from "./pod-disruption-budget.ts";
import type { RolloutState } from "./rollout.ts";
import { pluginService } from "./service.ts";

/** What the remote form runs on. A plugin of another form runs in the pods of the shards, which their own hook builds. */
export const attachmentsOf = (
	plan: PluginPlan,
	surroundings: PluginInput,
	state: RolloutState,
	observed: ObjectMap,
): KubeObject[] => {
	// Until the last shard has its own, those that still call the Service need it.
	if (!surroundings.isRemote) return surroundings.uses.some(callsRemote) ? heldChildren(observed) : [];
	return stampedChildren([
		pluginDeployment(plan, surroundings, state, observed),
		pluginService(plan, surroundings),
		pluginBudget(plan, surroundings),
	]);
};

const callsRemote = ({ told }: PluginInput["uses"][number]): boolean => told?.deployment === "remote";
