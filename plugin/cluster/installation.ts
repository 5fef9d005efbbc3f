import { REGISTRY } from "../../hooks/index.ts";
import type { Deployment } from "../../kube/children/deployment.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { isComposite, type Row } from "../../kube/hook.ts";
import { compact, isWorkload, valueAt } from "../../kube/object.ts";
import type { Seen } from "../../kube/partial-object.ts";
import { podCounts, podSelection } from "../../kube/rollout.ts";
import type { Container } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type Kubectl, listed } from "./kubectl.ts";

// The controllers: Metacontroller, its CompositeControllers and DecoratorControllers, and the webhook server that they call.

export type Machinery = Readonly<Awaited<ReturnType<typeof readMachinery>>>;

export const readMachinery = async (kubectl: Kubectl) => {
	const list = (...args: readonly string[]) => listed(kubectl, "get", ...args);
	const [controllers, workloads, hooks] = await Promise.all([
		list("compositecontrollers.metacontroller.k8s.io,decoratorcontrollers.metacontroller.k8s.io"),
		list("deployments.apps,statefulsets.apps", "-A"),
		list("services,endpointslices.discovery.k8s.io,pods", "--selector", HOOKS_SELECTOR, "-A"),
	]);
	const kindsInstalled = !/doesn't have a resource type/.test(controllers.stderr);
	const metacontrollers = workloads.objects.filter(runsMetacontroller);
	const pods = await Promise.all(
		metacontrollers
			.filter((workload) => availableOf(workload) === 0)
			.map(podSelection)
			.map(({ namespace = "", flags = [] }) => list("pods", ...flags, "-n", namespace)),
	);
	return {
		/** CompositeControllers and DecoratorControllers; undefined if they can't be read. */
		controllers: controllers.ok ? controllers.objects : kindsInstalled ? undefined : [],
		/** Whether the CRDs of Metacontroller are installed. */
		kindsInstalled,
		/** Deployments and StatefulSets that run Metacontroller. */
		metacontrollers,
		/** Pods of those that have no available one. */
		metacontrollerPods: pods.flatMap(({ objects }) => objects),
		/** Deployments of the operator. */
		hooks: workloads.objects.filter(isHooks),
		/** Services and EndpointSlices of the operator. */
		services: hooks.objects.filter(({ kind }) => kind === "Service"),
		slices: hooks.objects.filter(({ kind }) => kind === "EndpointSlice"),
		pods: hooks.objects.filter(({ kind }) => kind === "Pod"),
		/** Lists that could not be read completely: what they lack may exist. */
		unread: compact([!workloads.ok && ("workloads" as const), !hooks.ok && ("operator" as const)]),
		/** Sentences about what could not be read. */
		notes: [
			...(controllers.ok || !kindsInstalled
				? []
				: [`Metacontroller's controllers can't be read: ${lastLine(controllers.stderr)}`]),
			...(workloads.ok ? [] : [`workloads of all namespaces can't be read: ${lastLine(workloads.stderr)}`]),
			...(hooks.ok ? [] : [`the operator's Service and pods can't be read: ${lastLine(hooks.stderr)}`]),
		],
	};
};

export const HOOKS_SELECTOR = "app.kubernetes.io/name=prism-operator,app.kubernetes.io/component=hooks";

/** The user name of Metacontroller's ServiceAccount; undefined: unknown. */
export const accountOf = ({ metacontrollers }: Machinery): string | undefined => {
	const [workload] = metacontrollers;
	const name = valueAt(workload?.["spec"], "template", "spec", "serviceAccountName");
	return typeof name === "string" ? `system:serviceaccount:${workload?.metadata.namespace ?? ""}:${name}` : undefined;
};

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

const labelled = ({ metadata: { labels = {} } }: KubeObject, name: string, value: string): boolean =>
	labels[name] === value;

const isHooks = (object: KubeObject): boolean =>
	labelled(object, "app.kubernetes.io/name", "prism-operator") &&
	labelled(object, "app.kubernetes.io/component", "hooks");

export type SeenContainer = Seen<Container>;

/** The API server rejects a workload without these fields. */
const isTyped = (object: KubeObject): object is KubeObject & Seen<Pick<Deployment, "spec">> => isWorkload(object);

export const containersOf = (workload: KubeObject): readonly SeenContainer[] =>
	isTyped(workload) ? (workload.spec?.template?.spec?.containers ?? []) : [];

/** Detects it by the container, because an installation can name the workload freely. */
const runsMetacontroller = (workload: KubeObject): boolean => metacontrollerContainer(workload) !== undefined;

export const metacontrollerContainer = (workload: KubeObject): SeenContainer | undefined =>
	containersOf(workload).find(
		({ image = "", command = [], name }) =>
			/(^|\/)metacontroller(:|@|$)/.test(image) ||
			name === "metacontroller" ||
			command.some((word) => /(^|\/)metacontroller$/.test(word)),
	);

export const availableOf = (workload: KubeObject): number => podCounts(workload).available;

/** The controller of a row; undefined if there is none. */
export const controllerOf = ({ controllers = [] }: Machinery, row: Row): KubeObject | undefined => {
	const kind = isComposite(row) ? "CompositeController" : "DecoratorController";
	return controllers.find((object) => object.kind === kind && object.metadata.name === row.name);
};

/** The controller of this release, for a comparison of what does not depend on the installation. */
export const expectedController = (row: Row): KubeObject =>
	controllerObject(row, { origin: "", features: { keda: true, serviceMonitors: true, inlineCredentials: true } });

export const rowOfKind = (kind: string): Row | undefined => REGISTRY.find(({ parent }) => parent.kind === kind);

/** Host of the URL of a controller's sync hook, and the namespace in it: prism-operator.prism-system.svc. */
export const hookUrl = (controller: KubeObject): URL | undefined => {
	const url = valueAt(controller, "spec", "hooks", "sync", "webhook", "url");
	try {
		return typeof url === "string" ? new URL(url) : undefined;
	} catch {
		return undefined;
	}
};

/** The Service that the webhook URL names; undefined if the URL is outside the cluster. */
export const hookService = ({ services }: Machinery, url: URL | undefined) => {
	const [name = "", namespace = "", suffix] = url?.hostname.split(".") ?? [];
	if (suffix !== "svc") return undefined;
	const service = services.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
	return { name, namespace, service };
};
