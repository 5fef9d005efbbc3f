import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { World } from "./fake-kubectl.ts";
import { other, pod } from "./world.ts";

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
