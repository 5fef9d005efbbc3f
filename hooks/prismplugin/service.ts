import { type Service, service } from "../../kube/children/service.ts";
import { childMetadata } from "../../kube/object.ts";
import type { PluginInput, PluginPlan } from "./plan.ts";

/** Where shards reach the plugin. */
export const pluginService = (plan: PluginPlan, { remote }: PluginInput): Service =>
	service({
		metadata: childMetadata(plan, remote),
		type: "ClusterIP",
		selector: plan.selector,
		ports: [{ name: "grpc", port: plan.spec.healthCheck.grpc.port }],
	});
