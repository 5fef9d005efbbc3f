import {
	CONTROLLERS,
	hooksDeployment,
	hooksPod,
	hooksService,
	MACHINERY,
	metacontroller,
	type WhyCase,
} from "./why-case.ts";
import { event, HOURS_AGO, late, MINUTES_AGO, ours, ready, silent, waiting } from "./world.ts";

// What nobody answers for, and what is being deleted.

const leaving = { deletionTimestamp: MINUTES_AGO, finalizers: ["metacontroller.io/compositecontroller-prismstack"] };
const changed = ours("PrismStack", "shop", {
	...ready("StackReady", "ready"),
	metadata: { generation: 2, managedFields: [{ time: MINUTES_AGO, fieldsV1: { "f:spec": {} } }] },
});

export const MACHINERY_CASES: readonly WhyCase[] = [
	{
		name: "no-metacontroller",
		about: silent("PrismStack", "shop"),
		objects: [],
		unknown: ["compositecontrollers.metacontroller.k8s.io", "decoratorcontrollers.metacontroller.k8s.io"],
	},
	{
		name: "no-controller",
		about: silent("PrismStack", "shop"),
		objects: MACHINERY.filter(({ kind }) => !kind.endsWith("Controller")),
	},
	{ name: "metacontroller-down", about: changed, objects: [...CONTROLLERS, metacontroller(0)] },
	{
		name: "hooks-down",
		about: changed,
		objects: [
			...CONTROLLERS,
			metacontroller(1),
			hooksDeployment,
			hooksService,
			hooksPod({
				containers: [
					{
						name: "hooks",
						restartCount: 4,
						state: waiting("CrashLoopBackOff"),
						lastState: {
							terminated: {
								exitCode: 1,
								reason: "Error",
								message: "cannot read the configuration: PRISM_TOKEN_FILE is not there",
							},
						},
					},
				],
			}),
		],
	},
	{
		name: "sync-error",
		about: silent("PrismShard", "live", { uid: "live-uid" }),
		objects: [
			...MACHINERY,
			event(
				silent("PrismShard", "live", { uid: "live-uid" }),
				"SyncError",
				'Sync error: sync hook failed for PrismShard shop/live: http error: Post "http://prism-operator.prism-system.svc:8080/prismshard/sync": dial tcp 10.96.4.2:8080: connect: connection refused',
				{ count: 31 },
			),
		],
	},
	{ name: "unexplained", about: silent("PrismStack", "shop"), objects: MACHINERY },
	{
		name: "stuck-finalizer",
		about: silent("PrismStack", "shop", leaving),
		objects: MACHINERY.filter(({ metadata }) => metadata.name !== "prismstack"),
	},
	{
		name: "foreign-finalizer",
		about: silent("PrismStack", "shop", { deletionTimestamp: MINUTES_AGO, finalizers: ["example.com/audit"] }),
		objects: MACHINERY,
	},
	{
		name: "foreign-finalizer-left",
		about: ours("PrismStack", "shop", {
			...late("Terminating", "Being deleted: its namespaces leave the proxies first", { phase: "Terminating" }),
			metadata: { deletionTimestamp: MINUTES_AGO, finalizers: ["example.com/audit"] },
		}),
		objects: MACHINERY,
	},
	{
		name: "left-by-the-operator",
		about: ours("PrismNamespace", "acme", {
			...late("Revoking", "Not yet revoked from prism-live-0", { phase: "Terminating" }),
			metadata: { deletionTimestamp: HOURS_AGO, finalizers: ["metacontroller.io/decoratorcontroller-prismnamespace"] },
		}),
		objects: [...CONTROLLERS, metacontroller(0)],
	},
	{
		name: "left-outside",
		about: ours("PrismNamespace", "acme", {
			...late("Revoking", "Not yet revoked from prism-live-0", { phase: "Terminating" }),
			metadata: { deletionTimestamp: HOURS_AGO, finalizers: ["metacontroller.io/decoratorcontroller-prismnamespace"] },
		}),
		objects: [],
		unknown: ["compositecontrollers.metacontroller.k8s.io", "decoratorcontrollers.metacontroller.k8s.io"],
	},
];
