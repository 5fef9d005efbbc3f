import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated, listed, type PartState, partState, rolloutIncomplete } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { isRecord, kindKey, observedOf, recordsAt, valueAt } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { type Rollout, rolloutOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION, FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { StackPlan } from "./plan.ts";

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (plan: StackPlan | Refusal, children: readonly KubeObject[], observed: ObjectMap): Verdict => {
	if (isRefusal(plan)) return refusedVerdict(plan);
	return (
		deploymentIncomplete(children, observed) ??
		partNotReady("BackendConfig", "BackendNotReady", children, observed) ??
		partNotReady("PatternRunner", "PatternNotReady", children, observed) ??
		partNotReady("PrismNamespace", "NamespaceNotReady", children, observed) ??
		namespaceBehind(children, observed) ??
		childrenOutdated(children, observed, DESIRED_HASH_ANNOTATION) ??
		ready(children)
	);
};

const deploymentIncomplete = (children: readonly KubeObject[], observed: ObjectMap): Verdict | undefined => {
	const findings = children
		.filter(({ kind }) => kind === "Deployment")
		.map((child) => rolloutIncomplete(child.metadata.name, rollout(child, observed)));
	return worst(findings.filter((finding) => finding !== undefined));
};

const SEVERITY: readonly string[] = ["Failed", "Degraded", "Pending"];

/** A failure explains more than something that is merely under way. */
const worst = (findings: readonly Verdict[]): Verdict | undefined =>
	findings.toSorted((left, right) => SEVERITY.indexOf(left.phase) - SEVERITY.indexOf(right.phase))[0];

const partNotReady = (
	kind: string,
	reason: string,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Verdict | undefined => {
	const late = partsOf(kind, children, observed).filter((part) => !part.ready);
	if (late.length === 0) return undefined;
	return worst(
		late.map((part) =>
			part.message === undefined || part.reason === "Progressing"
				? { ready: "False", phase: "Pending", reason: "Progressing", message: `${kind} ${part.name} is not ready yet` }
				: {
						ready: "False",
						phase: part.phase === "Failed" ? "Failed" : part.phase === "Degraded" ? "Degraded" : "Pending",
						reason,
						message: `${kind} ${part.name}: ${part.reason}: ${part.message}`,
						stalled: part.phase === "Failed",
					},
		),
	);
};

/** A namespace that was Ready before the last proxy became so, and has not been told of that one yet. */
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
			const missing = ready.filter((name) => !has.includes(name));
			return missing.length === 0 ? [] : [`${child.metadata.name} is not on ${listed(missing)} yet`];
		});
	if (behind.length === 0) return undefined;
	return { ready: "False", phase: "Pending", reason: "Progressing", message: `PrismNamespace ${listed(behind)}` };
};

/** What a stack that is being deleted waits for. */
export const leavingVerdict = (namespaces: readonly string[]): Verdict => ({
	ready: "False",
	phase: "Terminating",
	reason: "Terminating",
	message:
		namespaces.length > 0
			? `waits until its PrismNamespaces are gone: ${listed(namespaces)}; the annotation ${FORCE_DELETE_ANNOTATION}: "true" lets the stack go without that`
			: "its namespaces are told that the proxies go",
});

const ready = (children: readonly KubeObject[]): Verdict => {
	const count = (kind: string, noun: string) => {
		const total = children.filter((child) => child.kind === kind).length;
		return `${total} ${noun}${total === 1 ? "" : "s"}`;
	};
	return {
		ready: "True",
		phase: "Running",
		reason: "StackReady",
		message: `ready: ${count("Deployment", "deployment")}, ${count("PatternRunner", "pattern")}, ${count("BackendConfig", "backend")}${namespaces(children)}`,
	};
};

/** ", 2 namespaces", for a stack that has any. */
const namespaces = (children: readonly KubeObject[]): string => {
	const total = children.filter(({ kind }) => kind === "PrismNamespace").length;
	return total === 0 ? "" : `, ${total} namespace${total === 1 ? "" : "s"}`;
};

const rollout = (wanted: KubeObject, observed: ObjectMap): Rollout =>
	rolloutOf(wanted, observedOf(observed, wanted), DESIRED_HASH_ANNOTATION);

const partsOf = (kind: string, children: readonly KubeObject[], observed: ObjectMap): PartState[] =>
	children.filter((child) => child.kind === kind).map((child) => partState(child, observed, DESIRED_HASH_ANNOTATION));

// ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Counts, parts and addresses as they were observed, whatever the plan is. */
export const statusFields = (
	stack: KubeObject,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Record<string, unknown> => {
	const patterns = partsOf("PatternRunner", children, observed);
	const backends = partsOf("BackendConfig", children, observed);
	const tenants = partsOf("PrismNamespace", children, observed);
	return {
		proxy: componentStatus("prism-proxy", children, observed),
		admin: componentStatus("prism-admin", children, observed),
		...(patterns.length > 0 && { patternsReady: summary(patterns), patterns: patterns.map(partStatus) }),
		...(backends.length > 0 && { backendsReady: summary(backends), backends: backends.map(partStatus) }),
		...(tenants.length > 0 && { namespacesReady: summary(tenants), namespaces: tenants.map(partStatus) }),
		endpoints: endpoints(stack, observed),
	};
};

const componentStatus = (app: string, children: readonly KubeObject[], observed: ObjectMap) => {
	const wanted = children.find(({ kind, metadata }) => kind === "Deployment" && metadata.labels?.["app"] === app);
	if (wanted === undefined) return undefined;
	const { state, desired, ready: pods, updated } = rollout(wanted, observed);
	const current = state === "outdated" ? 0 : Math.min(pods, updated);
	return { desired, ready: current, summary: `${current}/${desired}` };
};

const summary = (parts: readonly PartState[]): string => `${parts.filter((part) => part.ready).length}/${parts.length}`;

const partStatus = ({ name, ready: isReady, phase, reason }: PartState) => ({ name, ready: isReady, phase, reason });

/** Addresses of the stack's own Services, once they were observed. */
const endpoints = (stack: KubeObject, observed: ObjectMap) => {
	const services = Object.values(observed[kindKey("v1", "Service")] ?? {});
	const address = (app: string, ...names: string[]): string | undefined => {
		const service = services.find((candidate) => candidate.metadata.labels?.["app"] === app && !isHeadless(candidate));
		const port = names.map((name) => portOf(service, name)).find((found) => found !== undefined);
		if (service === undefined || port === undefined) return undefined;
		return `${service.metadata.name}.${stack.metadata.namespace ?? "default"}.svc:${port}`;
	};
	const found = {
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
