import type { Refreshed } from "../../kube/answer.ts";
import { dashed, endpointsBehind } from "../../kube/endpointslices.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { derivedName } from "../../kube/names.ts";
import { isRecord, kindKey, recordsAt, valueAt } from "../../kube/object.ts";
import { isTaken } from "../../kube/ownership.ts";
import { isLongSilent, latestOf, rosterInstance, silence } from "../../kube/roster.ts";
import { checkOf } from "../../kube/schema.ts";
import type { Own } from "../../kube/types.ts";
import { type Answer, type Instance, type InstanceQuestion, isAboutNamespace } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { PrismRoster, type PrismRosterSpec, type RosterInstance } from "../../schemas/prismroster.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { adminName, headlessName, type StackPlan } from "./plan.ts";

const isRosterSpec = checkOf(PrismRoster.spec);

/** What is known of a stack's proxies beside its spec. */
export interface Seen {
	readonly request: CompositeRequest;
	readonly now: string;
	/** None of whom was not asked. */
	readonly answers: readonly Answer[];
}

/**
 * What PrismNamespaces with a proxyRef relate to: named as the proxies' Deployment, in its namespace. The pods of a
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

/** What a roster says of the world, and not of what is wanted. */
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

/** Whether an object of another owner has the name of the control plane's Service. */
export const isControlPlaneTaken = (request: CompositeRequest): boolean => {
	const { name, namespace = "default" } = request.parent.metadata;
	const metadata = { name: adminName(name), namespace };
	return isTaken(request, { apiVersion: "v1", kind: "Service", metadata });
};

const instancesBehind = (seen: Seen, service: string, before: readonly Record<string, unknown>[]): RosterInstance[] =>
	endpointsBehind(seen.request, service, seen.request.parent.metadata.namespace ?? "default")
		.filter(({ terminating }) => !terminating)
		.map(({ pod, uid, address, ready }) =>
			rosterInstance(
				{ name: pod, host: dashed(address), uid, ready, isSilent: isReportedSilent(seen, pod) },
				before,
				seen.now,
			),
		);

/** A child of a stack on its way out: its roster says so, and namespaces let go of it. */
export const leavingRoster = (child: KubeObject): KubeObject =>
	child.kind === "PrismRoster" && isRecord(child["spec"])
		? { ...child, spec: { ...child["spec"], accepting: false, draining: true, deleting: true } }
		: child;

export const isLeaving = ({ spec }: KubeObject): boolean => isRecord(spec) && spec["deleting"] === true;

// ── Silence ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Whoever namespaces are provisioned at is asked how it does, once for all of them: the control plane, or else each proxy
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

/** Since when somebody who is asked has been silent, as it is to be written. */
export const silentSince = ({ request, now, answers }: Seen): string | undefined =>
	answers.some(isSilence) ? (lastSilence(request) ?? now) : undefined;

const lastSilence = ({ parent }: CompositeRequest): string | undefined => {
	const since = valueAt(parent["status"], "doubtfulSince");
	return typeof since === "string" ? since : undefined;
};

const isSilence = (reply: Answer): boolean => reply.answer.state === "unknown";

/** undefined: it was not asked. */
const isReportedSilent = ({ request, now, answers }: Seen, name: string): boolean | undefined => {
	const reply = answers.find((each) => !isAboutNamespace(each) && each.question.instance.name === name);
	return reply && isSilence(reply) && isLongSilent(lastSilence(request), now);
};
