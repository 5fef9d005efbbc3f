import { endpointsBehind } from "../../kube/endpointslices.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { isRecord, kindKey, recordsAt, valueAt } from "../../kube/object.ts";
import type { Refreshed } from "../../kube/response.ts";
import { rosterInstance, silence } from "../../kube/roster.ts";
import { checkOf } from "../../kube/schema.ts";
import type { Own } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismRoster, type PrismRosterSpec, type RosterInstance } from "../../schemas/prismroster.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { isControlPlaneTaken } from "./control-plane.ts";
import { headlessName, type Seen, type StackPlan } from "./plan.ts";
import { isReportedSilent } from "./silent-proxies.ts";

/** Whether a roster can be read: anybody may have written it. */
export const isRosterSpec = checkOf(PrismRoster.spec);

/**
 * What PrismNamespaces with a proxyRef relate to: named as the proxies' Service, in its namespace. The pods of a
 * Deployment have no names in DNS; behind a headless Service they are found by their address with dashes.
 */
export const stackRoster = (plan: StackPlan, seen: Seen): Own<typeof PrismRoster> => {
	const { proxy, admin, namespace, spec } = plan;
	const backends = (spec.backends ?? []).map(({ name }) => name).toSorted();
	const there = seen.request.children[ROSTERS]?.[`${namespace}/${proxy.name}`];
	const before = there && valueAt(lastSent(there), "spec");
	return {
		apiVersion: API_VERSION,
		kind: PrismRoster.kind,
		metadata: { name: proxy.name, namespace, labels: { ...proxy.labels } },
		spec: {
			...observedPart(seen, before, admin && { service: admin.name, port: admin.port }),
			port: spec.proxy.adminPort,
			backends: backends.length > 0 ? backends : undefined,
			weight: 1,
			accepting: true,
			draining: false,
			deleting: false,
			allowedNamespaces: spec.allowedNamespaces,
		},
	};
};

const ROSTERS = kindKey(API_VERSION, PrismRoster.kind);

/**
 * The roster of a stack whose spec is not carried out, because it is paused or refused: which proxies there are was
 * observed all the same. Namespaces would go on being sent to one that is gone, and never reach the one in its place.
 */
export const refreshedRoster =
	(seen: Seen): Refreshed =>
	(child) => {
		if (child.kind !== PrismRoster.kind || !isRosterSpec(child["spec"])) return child;
		const { controlPlane, instances: _instances, ...spec } = child["spec"];
		return { ...child, spec: { ...spec, ...observedPart(seen, child["spec"], controlPlane) } };
	};

/** The observations in a roster, without its desired state. */
const observedPart = (
	seen: Seen,
	before: unknown,
	controlPlane: { readonly service: string; readonly port: number } | undefined,
): Pick<PrismRosterSpec, "instances" | "controlPlane"> => {
	const { name } = seen.request.parent.metadata;
	const proxies = instancesBehind(seen, headlessName(name), recordsAt(before, "instances"));
	if (controlPlane === undefined) return { instances: proxies };
	const last = valueAt(before, "controlPlane");
	const { service, port } = controlPlane;
	if (isControlPlaneTaken(seen.request)) return { instances: proxies, controlPlane: { service, port, foreign: true } };
	const pods = instancesBehind(seen, service, recordsAt(last, "instances"));
	const silentSince = silence(isRecord(last) ? last : undefined, isReportedSilent(seen, service), seen.now);
	return {
		instances: proxies,
		controlPlane: {
			service,
			port,
			// None is a finding too, once there were some.
			...((pods.length > 0 || valueAt(last, "instances") !== undefined) && { instances: pods }),
			...(silentSince !== undefined && { silentSince }),
		},
	};
};

const instancesBehind = (seen: Seen, service: string, before: readonly Record<string, unknown>[]): RosterInstance[] =>
	endpointsBehind(seen.request, service, seen.request.parent.metadata.namespace ?? "default")
		.filter(({ terminating }) => !terminating)
		.map(({ pod, uid, host, ready }) =>
			rosterInstance(
				{ name: pod, host: host === pod ? undefined : host, uid, ready, isSilent: isReportedSilent(seen, pod) },
				before,
				seen.now,
			),
		);

/** A child of a stack that is being deleted: its roster has a mark, and namespaces leave it. */
export const leavingRoster = (child: KubeObject): KubeObject =>
	child.kind === "PrismRoster" && isRecord(child["spec"])
		? { ...child, spec: { ...child["spec"], accepting: false, draining: true, deleting: true } }
		: child;

export const isLeaving = ({ spec }: KubeObject): boolean => isRecord(spec) && spec["deleting"] === true;
