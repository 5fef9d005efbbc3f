import { type ConfigMap, configMap } from "../../kube/children/config-map.ts";
import { childMetadata } from "../../kube/object.ts";
import type { RunnerPlan } from "./plan.ts";

/** spec.config, unless a Secret holds it. */
export const runnerConfigMap = (plan: RunnerPlan): ConfigMap | undefined =>
	plan.config?.kind === "ConfigMap" ? configMap(childMetadata(plan, plan.config.name), plan.config.data) : undefined;
