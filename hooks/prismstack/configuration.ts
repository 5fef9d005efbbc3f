import { type ConfigMap, configMap } from "../../kube/children/config-map.ts";
import { canonicalJson } from "../../kube/object.ts";
import type { Mount } from "../../kube/pod.ts";
import { CONFIG_FILE } from "../../schemas/vocabulary.ts";
import { type ComponentPlan, componentMetadata, type StackPlan } from "./plan.ts";

// The file that proxies and control plane read, and where.

/** Key of the file in its ConfigMap. */

const CONFIG_PATH = "/etc/prism/config";

/** Where the container sees the file. */
export const MOUNTED_CONFIG = `${CONFIG_PATH}/${CONFIG_FILE}`;

export const configurationMount = ({ name }: ComponentPlan): Mount => ({
	name: "config",
	mountPath: CONFIG_PATH,
	source: { configMap: { name } },
});

export const configurationMap = (plan: StackPlan, own: ComponentPlan, settings: object): ConfigMap =>
	configMap(componentMetadata(plan, own), { [CONFIG_FILE]: `${canonicalJson(settings)}\n` });

/** Settings that both have. */
export const commonSettings = (plan: StackPlan, { port }: ComponentPlan) => ({
	stack: plan.name,
	port,
	...(plan.metricsPort !== undefined && { metrics: { port: plan.metricsPort } }),
	...(plan.tracingEndpoint !== undefined && { tracing: { endpoint: plan.tracingEndpoint } }),
});
