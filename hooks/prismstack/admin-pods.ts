import { atOnce } from "../../kube/pod-termination.ts";
import { numericUser } from "../../kube/pod-user.ts";
import { defaultResources } from "../../kube/resources.ts";
import { adminConfiguration } from "./admin-config-map.ts";
import { componentPods, type Pods } from "./component-pods.ts";
import { MOUNTED_CONFIG } from "./configuration.ts";
import { type ComponentPlan, RAFT_PORT, type Seen, type StackPlan } from "./plan.ts";
import { adminFolder, adminMounts, memberVariables, observedAdmin } from "./records.ts";

/** The pods of the control plane. */
export const adminPods = (plan: StackPlan, admin: ComponentPlan, seen: Seen): Pods => {
	const { records, spec } = admin;
	const there = observedAdmin(plan, admin, seen);
	const folder = adminFolder(plan, admin, seen);
	return componentPods(plan, admin, {
		there,
		byDefault: defaultResources(there, plan.installation, plan.restartedAt),
		replicas: spec.replicas,
		settings: adminConfiguration(plan, admin, folder),
		container: {
			args: folder === undefined ? [] : ["serve", `--config=${MOUNTED_CONFIG}`],
			referring: memberVariables(plan, admin),
			ports: records?.members === undefined ? admin.ports : [...admin.ports, RAFT_PORT],
			mounts: adminMounts(admin, folder),
		},
		termination: atOnce(spec.terminationGracePeriodSeconds),
		security: {
			...(folder !== undefined && { runAsUser: numericUser(spec.podSecurity, plan.installation) }),
			...(records !== undefined && { fsGroup: records.fsGroup }),
		},
	});
};
