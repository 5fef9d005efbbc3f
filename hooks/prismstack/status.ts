import {
	childrenOutdated,
	growing,
	type PartState,
	partState,
	rolloutIncomplete,
	worstFirst,
} from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { isLate } from "../../kube/delays.ts";
import { endpointsBehind } from "../../kube/endpointslices.ts";
import { heldBy, heldVerdict, podHold } from "../../kube/foreign-fields.ts";
import { isRecord, isWorkload, kindKey, observedOf, recordsAt, valueAt } from "../../kube/object.ts";
import { refusedVerdict } from "../../kube/response.ts";
import { type Rollout, workloadRollout } from "../../kube/rollout.ts";
import { withGrowth, withoutFollowers } from "../../kube/scale-up.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import type { Written } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../../schemas/metacontroller.ts";
import type { PrismStackStatus } from "../../schemas/prismstack.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import { adminName, headlessName, type StackPlan } from "./plan.ts";

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (plan: StackPlan | Refusal, observation: Observation): Verdict => {
	if (isRefusal(plan)) return refusedVerdict(plan);
	const {
		request: { parent: stack, children: observed },
		children,
	} = observation;
	const rollouts = rolloutsOf(observation);
	return (
		podsKept(rollouts, observation) ??
		workloadIncomplete(rollouts) ??
		partNotReady("BackendConfig", "BackendNotReady", children, observed) ??
		partNotReady("PatternRunner", "PatternNotReady", children, observed) ??
		partNotReady("PrismNamespace", "NamespaceNotReady", children, observed) ??
		namespaceBehind(children, observed) ??
		childrenOutdated(withoutFollowers(stack, children, observed), observed, DESIRED_HASH_ANNOTATION) ??
		workloadGrowing(rollouts) ??
		ready(children)
	);
};

/** What the verdict is about. */
export interface Observation {
	readonly request: Pick<CompositeRequest, "parent" | "children" | "related">;
	readonly children: readonly KubeObject[];
	readonly now: string;
}

interface NamedRollout extends Rollout {
	readonly kind: string;
	readonly name: string;
	readonly component: string | undefined;
}

const COMPONENTS = { "prism-proxy": "proxy", "prism-admin": "admin" } as const;

const rolloutsOf = ({ request: { parent: stack, children: observed }, children, now }: Observation): NamedRollout[] =>
	workloadsOf(children).map((child) => {
		const component = Object.entries(COMPONENTS).find(([app]) => child.metadata.labels?.["app"] === app)?.[1];
		const available = valueAt(stack["status"], component ?? "", "ready");
		const found = withGrowth(rollout(child, observed), child, { parent: stack, available, now });
		// A StatefulSet does not report whether missing pods failed or have not started yet.
		const isNew = valueAt(stack["status"], "phase") === "Pending" || children.some((other) => isFormer(other, child));
		const isStarting = child.kind === "StatefulSet" && found.state === "unavailable" && isNew;
		return {
			...found,
			...(isStarting && { state: "progressing" }),
			kind: child.kind,
			name: child.metadata.name,
			component,
		};
	});

/** The workloads that are to run the components: one that is left, and shrinks, comes after the one that replaces it. */
const workloadsOf = (children: readonly KubeObject[]): KubeObject[] => {
	const workloads = children.filter(isWorkload);
	return workloads.filter((child, index) => !workloads.slice(0, index).some((other) => isFormer(child, other)));
};

const isFormer = (child: KubeObject, successor: KubeObject): boolean =>
	child !== successor && isWorkload(child) && child.metadata.labels?.["app"] === successor.metadata.labels?.["app"];

/** Pods of a StatefulSet that are not ready and of an older revision, for longer than it takes to replace one. */
const podsKept = (rollouts: readonly NamedRollout[], { request, now }: Observation): Verdict | undefined => {
	const { name: stack, namespace = "default" } = request.parent.metadata;
	for (const found of rollouts) {
		const { kind, name, replicas } = found;
		if (!isLate(request.parent, { apiVersion: "apps/v1", kind, metadata: { name } }, "PodsKept", now)) continue;
		const service = found.component === "proxy" ? headlessName(stack) : adminName(stack);
		const endpoints = new Map(endpointsBehind(request, service, namespace).map((each) => [each.pod, each]));
		const pods = Array.from({ length: replicas }, (_, ordinal) => {
			const { ready = false, terminating = false } = endpoints.get(`${name}-${ordinal}`) ?? {};
			return { name: `${name}-${ordinal}`, ready, terminating };
		});
		const hold = podHold(found, pods);
		if (hold !== undefined) return heldVerdict(heldBy(hold, { kind, name }, namespace));
	}
	return undefined;
};

const workloadIncomplete = (rollouts: readonly NamedRollout[]): Verdict | undefined => {
	const findings = rollouts.map((found) => rolloutIncomplete(found.name, found, found.kind));
	return worstFirst(findings.filter((finding) => finding !== undefined))[0];
};

const workloadGrowing = (rollouts: readonly NamedRollout[]): Verdict | undefined => {
	const first = rollouts.find(({ state }) => state === "growing");
	return first && growing(first.name, first, first.kind);
};

type PartReason = "BackendNotReady" | "PatternNotReady" | "NamespaceNotReady";

const partNotReady = (
	kind: string,
	reason: PartReason,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Verdict | undefined => {
	const late = partsOf(kind, children, observed).filter((part) => !part.ready);
	if (late.length === 0) return undefined;
	const [worst] = worstFirst(
		late.map(({ name, phase, its }): Verdict => {
			const part = { kind, name };
			if (its === undefined || its.reason === "Progressing")
				return { ready: "False", phase: "Pending", finding: { reason: "Progressing", about: "part", part } };
			return {
				ready: "False",
				phase: phase === "Failed" ? "Failed" : phase === "Degraded" ? "Degraded" : "Pending",
				finding: { reason, about: "part", part, its },
				stalled: phase === "Failed",
			};
		}),
	);
	return worst;
};

/** A namespace that was Ready before the last proxy became so, and has not been pushed to it yet. */
const namespaceBehind = (children: readonly KubeObject[], observed: ObjectMap): Verdict | undefined => {
	const roster = children.find(({ kind }) => kind === "PrismRoster");
	if (valueAt(roster?.["spec"], "controlPlane") !== undefined) return undefined;
	const ready = recordsAt(roster?.["spec"], "instances")
		.filter((instance) => instance["ready"] === true)
		.map(({ name }) => String(name));
	const behind = children
		.filter(({ kind }) => kind === "PrismNamespace")
		.flatMap((child) => {
			const there: unknown = valueAt(observedOf(observed, child)?.["status"], "prismInstances");
			const has: readonly unknown[] = Array.isArray(there) ? there : [];
			const proxies = ready.filter((name) => !has.includes(name));
			return proxies.length === 0 ? [] : [{ name: child.metadata.name, proxies }];
		});
	if (behind.length === 0) return undefined;
	const finding = { reason: "Progressing", about: "namespaces", namespaces: behind } as const;
	return { ready: "False", phase: "Pending", finding };
};

/** What a stack that is being deleted waits for. */
export const leavingVerdict = (namespaces: readonly string[]): Verdict => ({
	ready: "False",
	phase: "Terminating",
	finding: { reason: "Terminating", about: "stack", namespaces },
});

const ready = (children: readonly KubeObject[]): Verdict => {
	const count = (kind: string) => children.filter((child) => child.kind === kind).length;
	return {
		ready: "True",
		phase: "Running",
		finding: {
			reason: "StackReady",
			deployments: workloadsOf(children).length,
			patterns: count("PatternRunner"),
			backends: count("BackendConfig"),
			namespaces: count("PrismNamespace"),
		},
	};
};

const rollout = (wanted: KubeObject, observed: ObjectMap): Rollout =>
	workloadRollout(wanted, observedOf(observed, wanted), DESIRED_HASH_ANNOTATION);

const partsOf = (kind: string, children: readonly KubeObject[], observed: ObjectMap): PartState[] =>
	children.filter((child) => child.kind === kind).map((child) => partState(child, observed, DESIRED_HASH_ANNOTATION));

// ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type Fields = Written<PrismStackStatus>;

/** Counts, parts and addresses as they were observed, whatever the plan is. */
export const statusFields = (stack: KubeObject, children: readonly KubeObject[], observed: ObjectMap): Fields => {
	const patterns = partsOf("PatternRunner", children, observed);
	const backends = partsOf("BackendConfig", children, observed);
	const tenants = partsOf("PrismNamespace", children, observed);
	return {
		proxy: componentStatus("prism-proxy", children, observed),
		admin: componentStatus("prism-admin", children, observed),
		patternsReady: summary(patterns),
		patterns: partStatuses(patterns),
		backendsReady: summary(backends),
		backends: partStatuses(backends),
		namespacesReady: summary(tenants),
		namespaces: partStatuses(tenants),
		endpoints: endpoints(stack, observed),
	};
};

const componentStatus = (app: string, children: readonly KubeObject[], observed: ObjectMap): Fields["proxy"] => {
	const wanted = children.find((child) => isWorkload(child) && child.metadata.labels?.["app"] === app);
	if (wanted === undefined) return undefined;
	const { state, desired, ready: pods, updated } = rollout(wanted, observed);
	const current = state === "outdated" ? 0 : Math.min(pods, updated);
	return { desired, ready: current, summary: `${current}/${desired}` };
};

/** Without parts, there is no summary. */
const summary = (parts: readonly PartState[]): string | undefined =>
	parts.length === 0 ? undefined : `${parts.filter((part) => part.ready).length}/${parts.length}`;

const partStatuses = (parts: readonly PartState[]): Fields["patterns"] =>
	parts.length === 0 ? undefined : parts.map(partStatus);

const partStatus = ({ name, ready: isReady, phase, its }: PartState): NonNullable<Fields["patterns"]>[number] => ({
	name,
	ready: isReady,
	phase,
	reason: isReady ? undefined : (its?.reason ?? "Progressing"),
});

/** Addresses of the stack's own Services, once they were observed. */
const endpoints = (stack: KubeObject, observed: ObjectMap): Fields["endpoints"] => {
	const services = Object.values(observed[kindKey("v1", "Service")] ?? {});
	const address = (app: string, ...names: string[]): string | undefined => {
		const service = services.find((candidate) => candidate.metadata.labels?.["app"] === app && !isHeadless(candidate));
		const port = names.map((name) => portOf(service, name)).find((found) => found !== undefined);
		if (service === undefined || port === undefined) return undefined;
		return `${service.metadata.name}.${stack.metadata.namespace ?? "default"}.svc:${port}`;
	};
	const found: Fields["endpoints"] = {
		proxy: address("prism-proxy", "grpc"),
		admin: address("prism-admin", "grpc"),
		metrics: address("prism-proxy", "metrics"),
	};
	return Object.values(found).some((value) => value !== undefined) ? found : undefined;
};

const isHeadless = (service: KubeObject): boolean =>
	isRecord(service["spec"]) && service["spec"]["clusterIP"] === "None";

const portOf = (service: KubeObject | undefined, name: string): number | undefined => {
	const spec = service?.["spec"];
	if (!isRecord(spec) || !Array.isArray(spec["ports"])) return undefined;
	const port = spec["ports"].filter(isRecord).find((candidate) => candidate["name"] === name)?.["port"];
	return typeof port === "number" ? port : undefined;
};
