import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import { readMachinery } from "../../plugin/cluster/installation.ts";
import { type Advice, type Extra, type Known, NO_EXTRA } from "../../plugin/why/diagnosis.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { fakeKubectl, type World } from "./fake-kubectl.ts";
import { NOW, other, pod } from "./world.ts";

// A cluster in trouble, with the object that somebody asks about; and the machinery that is well in most of them.

export interface WhyCase extends World {
	readonly name: string;
	readonly about: KubeObject;
}

const ORIGIN = "http://prism-operator.prism-system.svc:8080";

export const CONTROLLERS = REGISTRY.map((row) => controllerObject(row, { origin: ORIGIN, features: {} }));
const SYSTEM = { namespace: "prism-system" };
const HOOK_LABELS = { "app.kubernetes.io/name": "prism-operator", "app.kubernetes.io/component": "hooks" };

export const metacontroller = (available: number): KubeObject =>
	other(
		"apps/v1",
		"StatefulSet",
		"metacontroller",
		{ namespace: "metacontroller" },
		{
			spec: {
				replicas: 1,
				template: {
					spec: { containers: [{ name: "metacontroller", image: "ghcr.io/metacontroller/metacontroller:v4.17.2" }] },
				},
			},
			status: { replicas: 1, availableReplicas: available },
		},
	);

export const hooksDeployment = other(
	"apps/v1",
	"Deployment",
	"prism-operator-controller-manager",
	{ ...SYSTEM, labels: HOOK_LABELS },
	{
		spec: { replicas: 2 },
		status: { availableReplicas: 2 },
	},
);
export const hooksService = other(
	"v1",
	"Service",
	"prism-operator",
	{ ...SYSTEM, labels: HOOK_LABELS },
	{ spec: { ports: [] } },
);
export const hooksPod = (state: Parameters<typeof pod>[2]) =>
	pod("prism-operator-controller-manager-6d8f-x7x2p", hooksDeployment, {
		...state,
		metadata: { ...SYSTEM, labels: HOOK_LABELS },
	});
export const MACHINERY = [
	...CONTROLLERS,
	metacontroller(1),
	hooksDeployment,
	hooksService,
	hooksPod({ ready: true, containers: [{ name: "hooks" }] }),
];

interface Reads extends Partial<Extra>, Partial<Pick<Known, "explain">> {
	readonly events?: readonly KubeObject[];
	readonly unread?: readonly string[];
}

/** The input of one explanation, in which no other object explains anything. */
export const knownOf = (
	objects: readonly KubeObject[],
	{ events = [], unread = [], explain = () => undefined, ...extra }: Reads = {},
): Known => ({
	view: viewOf({ objects, events, unread, now: NOW }),
	extra: { ...NO_EXTRA, ...extra },
	speech: { program: "kubectl prism", flags: [] },
	explain,
});

/** What is read about Metacontroller and the operator. */
export const machineryIn = (objects: readonly KubeObject[], world: Partial<World> = {}) =>
	readMachinery(fakeKubectl({ objects, ...world }));

/** The field to change, otherwise the command: the sentences of advice are in golden files. */
export const advised = (next: readonly Advice[]) => next.map(({ field, command }) => field ?? command ?? "");
