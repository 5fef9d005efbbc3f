import { derivedName } from "../../kube/names.ts";
import { latestOf } from "../../kube/roster.ts";
import type { Instance, InstanceQuestion } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { isRosterSpec } from "./prism-roster.ts";

/**
 * The instances that serve namespaces are asked for their state, once for all of them: the control plane, or else each proxy
 * that is ready.
 */
export const questionsOf = (children: readonly KubeObject[]): InstanceQuestion[] => {
	const roster = children.find(({ kind }) => kind === PrismRoster.kind);
	if (roster === undefined || !isRosterSpec(roster["spec"])) return [];
	const { name, namespace = "default" } = roster.metadata;
	const { controlPlane, instances, port } = roster["spec"];
	const question = (instance: Omit<Instance, "namespace">, changedAt: string | undefined): InstanceQuestion => ({
		about: "instance",
		instance: { ...instance, namespace },
		...(changedAt !== undefined && { changedAt }),
	});
	if (controlPlane !== undefined) {
		const { service, instances: pods } = controlPlane;
		// It has not come up yet, or is of another owner.
		if (pods === undefined) return [];
		const address = `${service}.${namespace}.svc:${controlPlane.port}`;
		return [question({ name: service, address }, latestOf(...pods.map(({ readySince }) => readySince)))];
	}
	return instances
		.filter(({ ready }) => ready)
		.map(({ name: pod, host = pod, readySince }) => {
			const address = `${host}.${derivedName(name, "headless")}.${namespace}.svc:${port}`;
			return question({ name: pod, address }, readySince);
		});
};
