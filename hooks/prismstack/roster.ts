import type { Refreshed } from "../../kube/answer.ts";
import { dashed, endpointsBehind } from "../../kube/endpointslices.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../../schemas/metacontroller.ts";
import type { PrismRosterSpec, RosterInstance } from "../../schemas/prismroster.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { headlessName, type StackPlan } from "./plan.ts";

/**
 * What PrismNamespaces with a proxyRef relate to: named as the proxies' Deployment, in its namespace. The pods of a
 * Deployment have no names in DNS; behind a headless Service they are found by their address with dashes.
 */
export const stackRoster = (plan: StackPlan, related: ObjectMap): KubeObject => {
	const { proxy, admin, namespace, spec } = plan;
	const roster: PrismRosterSpec = {
		instances: rosterInstances(related, plan.headless, namespace),
		port: spec.proxy.adminPort,
		...(admin !== undefined && { controlPlane: { service: admin.name, port: spec.admin.port } }),
		...((spec.backends ?? []).length > 0 && { backends: (spec.backends ?? []).map(({ name }) => name).toSorted() }),
		weight: 1,
		accepting: true,
		draining: false,
		deleting: false,
		allowedNamespaces: spec.allowedNamespaces,
	};
	return {
		apiVersion: API_VERSION,
		kind: "PrismRoster",
		metadata: { name: proxy.name, namespace, labels: { ...proxy.labels } },
		spec: roster,
	};
};

/**
 * The roster of a stack whose spec is not carried out, because it is paused or refused: which proxies there are was
 * observed all the same. Namespaces would go on being sent to one that is gone, and never reach the one in its place.
 */
export const refreshedRoster =
	({ parent: { metadata }, related }: CompositeRequest): Refreshed =>
	(child) =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? {
					...child,
					spec: {
						...child["spec"],
						instances: rosterInstances(related, headlessName(metadata.name), metadata.namespace ?? "default"),
					},
				}
			: child;

const rosterInstances = (related: ObjectMap, headless: string, namespace: string): RosterInstance[] =>
	endpointsBehind(related, headless, namespace)
		.filter(({ terminating }) => !terminating)
		.map(({ pod, address, ready }) => ({ name: pod, host: dashed(address), ready }));

/** A child of a stack on its way out: its roster says so, and namespaces let go of it. */
export const leavingRoster = (child: KubeObject): KubeObject =>
	child.kind === "PrismRoster" && isRecord(child["spec"])
		? { ...child, spec: { ...child["spec"], accepting: false, draining: true, deleting: true } }
		: child;

export const isLeaving = ({ spec }: KubeObject): boolean => isRecord(spec) && spec["deleting"] === true;
