import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { isComposite, type Row } from "../../kube/hook.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type Kubectl, parseObjects } from "./kubectl.ts";

// What drives the objects: Metacontroller, the controllers that it was told, and the hooks that it calls.

export interface Machinery {
	/** Our CompositeControllers and DecoratorControllers by name; undefined: can't be read. */
	readonly controllers: readonly KubeObject[] | undefined;
	/** Whether the kinds of Metacontroller are installed. */
	readonly kindsInstalled: boolean;
	/** Deployments and StatefulSets that run Metacontroller. */
	readonly metacontrollers: readonly KubeObject[];
	/** Deployments of the hooks. */
	readonly hooks: readonly KubeObject[];
	/** Services and EndpointSlices of the hooks. */
	readonly services: readonly KubeObject[];
	readonly slices: readonly KubeObject[];
	readonly pods: readonly KubeObject[];
	/** What could not be read, in sentences. */
	readonly notes: readonly string[];
}

export const readMachinery = async (kubectl: Kubectl): Promise<Machinery> => {
	const list = async (resources: string, ...flags: readonly string[]) => {
		const { code, stdout, stderr } = await kubectl.try(["get", resources, ...flags, "-o", "json"]);
		return { objects: stdout.trim() === "" ? [] : parseObjects(stdout), ok: code === 0, stderr };
	};
	const hooksSelector = ["--selector", HOOKS_SELECTOR, "-A"];
	const [controllers, workloads, hooks] = await Promise.all([
		list("compositecontrollers.metacontroller.k8s.io,decoratorcontrollers.metacontroller.k8s.io"),
		list("deployments.apps,statefulsets.apps", "-A"),
		list("services,endpointslices.discovery.k8s.io,pods", ...hooksSelector),
	]);
	const kindsInstalled = !/doesn't have a resource type/.test(controllers.stderr);
	return {
		controllers: controllers.ok ? controllers.objects : kindsInstalled ? undefined : [],
		kindsInstalled,
		metacontrollers: workloads.objects.filter(runsMetacontroller),
		hooks: workloads.objects.filter(isHooks),
		services: hooks.objects.filter(({ kind }) => kind === "Service"),
		slices: hooks.objects.filter(({ kind }) => kind === "EndpointSlice"),
		pods: hooks.objects.filter(({ kind }) => kind === "Pod"),
		notes: [
			...(controllers.ok || !kindsInstalled
				? []
				: [`Metacontroller's controllers can't be read: ${lastLine(controllers.stderr)}`]),
			...(workloads.ok ? [] : [`workloads of all namespaces can't be read: ${lastLine(workloads.stderr)}`]),
			...(hooks.ok ? [] : [`the hooks' Service and pods can't be read: ${lastLine(hooks.stderr)}`]),
		],
	};
};

const HOOKS_SELECTOR = "app.kubernetes.io/name=prism-operator,app.kubernetes.io/component=hooks";

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

const labelled = ({ metadata: { labels = {} } }: KubeObject, name: string, value: string): boolean =>
	labels[name] === value;

const isHooks = (object: KubeObject): boolean =>
	labelled(object, "app.kubernetes.io/name", "prism-operator") &&
	labelled(object, "app.kubernetes.io/component", "hooks");

export const containersOf = (workload: KubeObject): Record<string, unknown>[] =>
	recordsAt(workload, "spec", "template", "spec", "containers");

/** Its container, whatever the installation calls the workload. */
const runsMetacontroller = (workload: KubeObject): boolean => metacontrollerContainer(workload) !== undefined;

export const metacontrollerContainer = (workload: KubeObject): Record<string, unknown> | undefined =>
	containersOf(workload).find(({ image, command, name }) => {
		if (/(^|\/)metacontroller(:|@|$)/.test(String(image))) return true;
		return (
			name === "metacontroller" ||
			(Array.isArray(command) && command.some((word) => /(^|\/)metacontroller$/.test(String(word))))
		);
	});

export const availableOf = (workload: KubeObject): number => {
	const available = valueAt(workload, "status", "availableReplicas") ?? valueAt(workload, "status", "readyReplicas");
	return typeof available === "number" ? available : 0;
};

/** The controller that Metacontroller was told for a row; undefined: none. */
export const controllerOf = ({ controllers = [] }: Machinery, row: Row): KubeObject | undefined => {
	const kind = isComposite(row) ? "CompositeController" : "DecoratorController";
	return controllers.find((object) => object.kind === kind && object.metadata.name === row.name);
};

/** As this release would have it, for a comparison: only what does not depend on the installation is of interest. */
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
