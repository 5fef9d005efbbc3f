import type { ConfigMap } from "../../kube/children/config-map.ts";
import { commonSettings, configurationMap } from "./configuration.ts";
import type { ComponentPlan, Seen, StackPlan } from "./plan.ts";
import { adminFolder } from "./records.ts";

/** The control plane's configuration file. */
export const adminConfigMap = (plan: StackPlan, admin: ComponentPlan, seen: Seen): ConfigMap =>
	configurationMap(plan, admin, adminConfiguration(plan, admin, adminFolder(plan, admin, seen)));

/** Settings of the operator's contract and, with a folder to write to, those that the program reads. */
export const adminConfiguration = (plan: StackPlan, admin: ComponentPlan, folder: string | undefined) => ({
	...commonSettings(plan, admin),
	...(folder !== undefined && {
		storage: { db: `sqlite://${folder}/admin.db` },
		cluster: { data_dir: `${folder}/raft` },
		control_plane: { listen: admin.port },
		...(plan.metricsPort !== undefined && { server: { metrics_port: plan.metricsPort } }),
	}),
});
