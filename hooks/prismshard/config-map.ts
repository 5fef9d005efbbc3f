import { type ConfigMap, configMap } from "../../kube/children/config-map.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** The configuration file, unless a Secret holds it. */
export const shardConfigMap = (plan: ShardPlan): ConfigMap | undefined =>
	plan.config.kind === "ConfigMap" ? configMap(childMetadata(plan, plan.names.base), plan.config.data) : undefined;
