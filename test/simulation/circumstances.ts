import type { KubeObject } from "../../schemas/common.ts";
import { POLICIES } from "./admission.ts";
import type { Circumstance, CircumstanceName } from "./plan.ts";
import { pickChild } from "./tampering.ts";
import type { World } from "./world.ts";

// What a cluster is like, or becomes for good: nobody mends it, and the operator has to be truthful and quiet all the same.

export const startCircumstance = (world: World, circumstance: Circumstance | undefined): void => {
	if (circumstance === undefined) return;
	const { what, at, choice } = circumstance;
	if (FROM_THE_START.has(what)) void BEGIN[what](world, choice);
	else world.time.after(1000 * at, () => void BEGIN[what](world, choice));
};

const FROM_THE_START: ReadonlySet<CircumstanceName> = new Set(["admission changes children", "an autoscaler moves"]);

/** Whether both worlds must end alike: what a circumstance stops on its way depends on how far it was. */
export const isComparable = ({ what }: Circumstance): boolean => FROM_THE_START.has(what);

export const HOLDING = "policy.example/hold";

const REFUSED = ["Deployment", "StatefulSet", "ConfigMap", "Service"] as const;

const all = async ({ store }: World, kind: string): Promise<readonly KubeObject[]> =>
	(await store.list(await store.resourceOf("apps/v1", kind))).items;

const BEGIN: Readonly<Record<CircumstanceName, (world: World, choice: number) => Promise<void> | void>> = {
	"admission changes children": ({ admission }, choice) => {
		admission.change = POLICIES[choice % POLICIES.length];
	},
	"admission refuses updates of children": ({ admission }, choice) => {
		admission.refuses = REFUSED[choice % REFUSED.length];
	},
	"children are paused": async (world, choice) => {
		const kind = choice % 2 === 0 ? "Deployment" : "StatefulSet";
		const change = kind === "Deployment" ? { paused: true } : { updateStrategy: { rollingUpdate: { partition: 9 } } };
		for (const { metadata } of await all(world, kind))
			await world.store.patch(await world.store.resourceOf("apps/v1", kind), metadata.namespace, metadata.name, {
				spec: change,
			});
	},
	"a quota for pods": async ({ store }, choice) => {
		const metadata = { name: "policy", namespace: "team-a" };
		await store.create({
			apiVersion: "v1",
			kind: "ResourceQuota",
			metadata,
			spec: { hard: { pods: `${choice % 4}` } },
		});
	},
	"a child is held by a finalizer": async (world, choice) => {
		const child = await pickChild(world, choice);
		if (child === undefined) return;
		const { namespace, name, finalizers = [] } = child.metadata;
		const resource = await world.store.resourceOf(child.apiVersion, child.kind);
		await world.store.patch(resource, namespace, name, { metadata: { finalizers: [...finalizers, HOLDING] } });
		await world.store.delete(resource, namespace, name);
	},
	"an autoscaler moves": ({ autoscaler }, choice) => {
		autoscaler.load = 1 + choice;
	},
	"instances are out of reach": ({ proxies }, choice) => {
		proxies.cutOff(({ metadata }) => choice % 2 === 0 || /-\d+$/.test(metadata.name));
	},
};
