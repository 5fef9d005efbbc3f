import { claimsOf, claimTemplate, type StatefulSet, statefulSet } from "../../kube/children/statefulset.ts";
import { adminPods } from "./admin-pods.ts";
import type { ComponentPlan, Seen, StackPlan } from "./plan.ts";
import { DATA_VOLUME, observedAdmin } from "./records.ts";

/** A control plane that keeps its records in volumes; undefined: it does not. */
export const adminStatefulSet = (plan: StackPlan, admin: ComponentPlan, seen: Seen): StatefulSet | undefined => {
	const { records, headless } = admin;
	if (records === undefined || headless === undefined) return undefined;
	return statefulSet({
		...adminPods(plan, admin, seen),
		serviceName: headless,
		claims: claimsOf(observedAdmin(plan, admin, seen), claimTemplate(DATA_VOLUME, records)),
		retention: { whenDeleted: "Retain", whenScaled: "Retain" },
	});
};
