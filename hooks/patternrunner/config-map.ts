import { childMetadata } from "../../kube/object.ts";
import type { ConfigMap } from "../../kube/types.ts";
import { configMap } from "../../kube/workload.ts";
import type { RunnerPlan } from "./plan.ts";

/** spec.config, unless a Secret holds it. */
export const runnerConfigMap = (plan: RunnerPlan): ConfigMap | undefined =>
	plan.config?.kind === "ConfigMap" ? configMap(childMetadata(plan, plan.config.name), plan.config.data) : undefined;
