import type { Row } from "../../kube/hook.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { listed } from "../../schemas/messages/words.ts";
import { namespaceOf } from "../cluster/cluster-view.ts";
import { slashName } from "../cluster/command-lines.ts";
import {
	accountOf,
	availableOf,
	controllerOf,
	hookService,
	hookUrl,
	type Machinery,
	rowOfKind,
} from "../cluster/installation.ts";
import { qualified } from "../cluster/kinds.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import { isPodReady } from "../cluster/pods.ts";
import { INSTALL_BOTH, INSTALL_METACONTROLLER, METACONTROLLER_VALUES } from "../text/installing.ts";
import { type Advice, type Explanation, type Known, type Need, named, shownBy } from "./diagnosis.ts";
import { describe, kubectl, logs, prism } from "./next-commands.ts";
import { isAllowed, TO_INSTALL } from "./permissions.ts";
import { lackingRights, UPGRADE } from "./repairs.ts";

// A link between an object and the operator that is missing: Metacontroller, its controller, its permissions, the Service of the
// operator, or its pods.

export const missingLink = (known: Known, object: KubeObject, machinery: Machinery): Explanation | undefined => {
	const row = rowOfKind(object.kind);
	if (row === undefined) return undefined;
	const controller = controllerOf(machinery, row);
	const doctor = prism(known, ["doctor"]);
	const install = {
		say: "install both: docs/install.md",
		command: INSTALL_BOTH,
		permissions: TO_INSTALL,
	};
	if (!machinery.kindsInstalled)
		return shownBy(object, "NoMetacontroller", {
			cause: "Metacontroller is not installed in this cluster (its CRDs are missing): nothing calls the operator",
			evidence: "the CRDs of the cluster",
			next: [install, doctor],
		});
	if (machinery.controllers !== undefined && controller === undefined)
		return shownBy(object, "NoController", {
			cause: `Metacontroller does not watch ${row.parent.plural}: there is no controller "${row.name}"`,
			evidence: "the CompositeControllers and DecoratorControllers of the cluster",
			next: [
				UPGRADE,
				{
					say: "without Helm: apply it, with the URL of your webhook server",
					command: "kubectl apply --server-side -k config/default",
					permissions: TO_INSTALL,
				},
				doctor,
			],
		});
	return (
		metacontrollerDown(known, object, machinery) ??
		(controller === undefined
			? undefined
			: (notStarted(known, row, controller, machinery) ?? hooksDown(known, controller, machinery)))
	);
};

/**
 * The same for an object that was reconciled before. A Metacontroller outside the cluster, as with `make run`, is not visible,
 * so only components that exist and do not work count.
 */
export const brokenLink = (known: Known, object: KubeObject): Explanation | undefined => {
	const { machinery } = known.extra;
	if (machinery === undefined || !machinery.kindsInstalled) return undefined;
	const row = rowOfKind(object.kind);
	const hasController = row !== undefined && controllerOf(machinery, row) !== undefined;
	const isOutside = hasController && machinery.metacontrollers.length === 0;
	const found = isOutside ? undefined : missingLink(known, object, machinery);
	return found?.cause === "" ? undefined : found;
};

// ── Metacontroller ──────────────────────────────────────────────────────────────────────────────────────────────────

export const metacontrollerDown = (
	known: Known,
	object: KubeObject,
	{ metacontrollers, metacontrollerPods, unread }: Machinery,
): Explanation | undefined => {
	const up = metacontrollers.filter((workload) => availableOf(workload) > 0);
	const [down] = metacontrollers;
	if (up.length > 0 || unread.includes("workloads")) return undefined;
	if (down === undefined)
		return shownBy(object, "NoMetacontroller", {
			cause: "no Deployment or StatefulSet of the cluster runs Metacontroller: nothing calls the operator",
			evidence: "the workloads of all namespaces",
			next: [
				{
					say: `start it: ${METACONTROLLER_VALUES}`,
					command: INSTALL_METACONTROLLER,
					permissions: TO_INSTALL,
				},
				prism(known, ["doctor"]),
			],
		});
	return (
		scaledToZero(known, down, 1, "Metacontroller") ??
		podDown(known, metacontrollerPods, "Metacontroller does not run") ??
		shownBy(down, `${availableOf(down)} available`, {
			cause: `Metacontroller does not run: ${down.kind} ${down.metadata.name} has no available pod`,
			next: [describe(known, down), { say: "its pods", ...kubectl(known, ["get", "pods"], down) }, logs(known, down)],
		})
	);
};

const scaledToZero = (known: Known, workload: KubeObject, replicas: number, what: string): Explanation | undefined =>
	countOf(workload["spec"], "replicas") === 0
		? shownBy(workload, "ScaledToZero", {
				cause: `${what} is scaled to 0: ${workload.kind} ${workload.metadata.name} has no pods`,
				next: [kubectl(known, ["scale", slashName(workload)], workload, `--replicas=${replicas}`)],
			})
		: undefined;

/** The first pod with a problem. */
const podDown = (known: Known, pods: readonly KubeObject[], what: string): Explanation | undefined => {
	for (const pod of pods) {
		const trouble = isPodReady(pod) ? undefined : podTrouble(pod, known.view);
		if (trouble === undefined) continue;
		const { container, logs: which } = trouble;
		return shownBy(pod, trouble.word, {
			cause: `${what}: ${trouble.says}`,
			since: trouble.since,
			evidence: `${named(pod)}${container === undefined ? "" : `, container ${container}`}`,
			next: [
				...(which === undefined ? [] : [logs(known, pod, { container, previous: which === "previous" })]),
				describe(known, pod),
			],
		});
	}
	return undefined;
};

/**
 * An explanation without a cause only has needs. Metacontroller does not start a controller while a CRD is missing, or while it may not watch a
 * kind.
 */
const notStarted = (known: Known, row: Row, controller: KubeObject, machinery: Machinery): Explanation | undefined => {
	const { served, rights } = known.extra;
	const account = accountOf(machinery);
	const needs: Need[] = [
		...(served === undefined ? [{ need: "served" } as const] : []),
		...(account !== undefined && !rights.has(account) ? [{ need: "rights", account } as const] : []),
	];
	const base = { evidence: named(controller), needs };
	const kinds = recordsAt(
		controller,
		"spec",
		controller.kind === "CompositeController" ? "childResources" : "attachments",
	).map(({ apiVersion, resource }) => qualified(String(apiVersion), String(resource)));
	const missing = kinds.filter((kind) => served !== undefined && served.size > 0 && !served.has(kind));
	if (missing.length > 0)
		return shownBy(controller, "CrdMissing", {
			...base,
			cause: `the controller "${row.name}" does not start: the cluster has no ${listed(missing)}`,
			next: [
				{ ...UPGRADE, say: "install the CRDs of this release" },
				{ say: "for kinds of KEDA or of the Prometheus operator: install it, or disable features.* of the chart" },
			],
		});
	const rules = account === undefined ? undefined : rights.get(account);
	const lacking = [`${row.parent.plural}.${row.parent.group}`, ...kinds].flatMap((kind) => {
		const resource = kind.split(".")[0] ?? "";
		const verbs = ["list", "watch"].filter((verb) => rules !== undefined && !isAllowed(rules, { verb, resource }));
		return verbs.map((verb) => `${verb} ${kind}`);
	});
	if (lacking.length > 0 && account !== undefined)
		return shownBy(controller, "Forbidden", {
			...base,
			cause: `the controller "${row.name}" does not start: ${account} may not ${listed(lacking)}`,
			next: lackingRights(known, account, lacking[0] ?? ""),
		});
	return needs.length === 0 ? undefined : shownBy(controller, "NotStarted", { ...base, cause: "", state: "waiting" });
};

// ── The operator ────────────────────────────────────────────────────────────────────────────────────────────────────

/** The Service in the webhook URL of the controller, and its pods. */
export const hooksDown = (known: Known, controller: KubeObject, machinery: Machinery): Explanation | undefined => {
	const url = hookUrl(controller);
	const called = hookService(machinery, url);
	// A URL outside the cluster, such as that of a developer's machine, can't be checked.
	if (url === undefined || called === undefined || machinery.unread.includes("operator")) return undefined;
	const { name, namespace, service } = called;
	const get = kubectl(known, ["get", "service", name, "-n", namespace]);
	const [other] = machinery.services;
	if (service === undefined)
		return shownBy(controller, "NoService", {
			cause: `the controller calls ${url.host}, and this Service of the operator does not exist${other === undefined ? "" : `: its Service is ${other.metadata.name}.${namespaceOf(other)}`}`,
			next: [
				...(other === undefined ? [] : [{ ...UPGRADE, say: "let the controllers call it" }]),
				{ say: "does it exist?", ...get },
				...(other === undefined ? [{ say: "install the operator: docs/install.md" }] : []),
			],
		});
	const pods = machinery.pods.filter((pod) => namespaceOf(pod) === namespace);
	const deployment = machinery.hooks.find((each) => namespaceOf(each) === namespace);
	if (pods.some(isPodReady)) return hasEndpoint(machinery, service) ? undefined : noEndpoints(known, service);
	return (
		(deployment && scaledToZero(known, deployment, 2, "the operator")) ??
		podDown(known, pods, "no pod of the operator is ready") ??
		shownBy(deployment ?? service, "NoPods", {
			cause: "no pod of the operator is ready",
			next: deployment === undefined ? hookPods(known, machinery) : [describe(known, deployment)],
		})
	);
};

const slicesOf = ({ slices }: Machinery, service: KubeObject): readonly KubeObject[] =>
	slices.filter(
		(slice) =>
			namespaceOf(slice) === namespaceOf(service) &&
			slice.metadata.labels?.["kubernetes.io/service-name"] === service.metadata.name,
	);

/** Also if no EndpointSlice was read: then nothing is known. */
const hasEndpoint = (machinery: Machinery, service: KubeObject): boolean => {
	const slices = slicesOf(machinery, service);
	return (
		slices.length === 0 ||
		slices
			.flatMap((slice) => recordsAt(slice, "endpoints"))
			.some((endpoint) => valueAt(endpoint, "conditions", "ready") === true)
	);
};

const noEndpoints = (known: Known, service: KubeObject): Explanation =>
	shownBy(service, "NoEndpoints", {
		cause: `Service ${service.metadata.name} of the operator has no endpoint, although pods are ready: its selector does not match their labels`,
		next: [UPGRADE, describe(known, service), kubectl(known, ["get", "pods"], service, "--show-labels")],
	});

const NO_HOOKS: Advice = { say: "there is no Deployment of the operator: install the chart (docs/install.md)" };

export const hookPods = (known: Known, { hooks }: Machinery): Advice[] =>
	hooks.length === 0
		? [NO_HOOKS]
		: hooks.map((workload) => ({
				say: "does the operator run?",
				...kubectl(known, ["get", "pods"], workload, "-l", "app.kubernetes.io/component=hooks"),
			}));
