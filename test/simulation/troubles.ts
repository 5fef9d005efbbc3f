import { status } from "@grpc/grpc-js";
import { FAIL } from "../../devcluster/kubelet/containers.ts";
import type { Fault, Faults } from "../../devcluster/proxy/faults.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { resourceOf } from "./deeds.ts";
import type { Past } from "./past.ts";
import type { Trouble, TroubleName } from "./plan.ts";
import { type Proxies, storeNames } from "./proxies.ts";
import { pickChild, tampered, withoutOneLabel } from "./tampering.ts";
import type { World } from "./world.ts";

// What goes wrong: each trouble begins, and after its time it is over. What was done meanwhile stays done.

export interface Surroundings {
	readonly world: World;
	readonly past: Past;
	/** How many writes of Metacontroller there may still be before it dies; undefined: any number. */
	readonly dieAfter: { writes: number | undefined };
}

/** Begins it; what it returns ends it. */
type Begin = (
	surroundings: Surroundings,
	trouble: Trouble,
) => Promise<(() => void | Promise<void>) | undefined> | (() => void) | undefined;

export const startTroubles = (surroundings: Surroundings, troubles: readonly Trouble[]): void => {
	const { world } = surroundings;
	for (const trouble of troubles) {
		world.time.after(1000 * trouble.at, () => {
			void begin(surroundings, trouble);
		});
	}
};

const begin = async (surroundings: Surroundings, trouble: Trouble) => {
	const { world } = surroundings;
	world.faults.set(trouble.what, (world.faults.get(trouble.what) ?? 0) + 1);
	const end = await BEGIN[trouble.what](surroundings, trouble);
	if (end !== undefined) world.time.after(1000 * trouble.seconds, () => void end());
};

/** All is well from now on, whatever is still going on. */
export const heal = ({ world, dieAfter }: Surroundings): void => {
	dieAfter.writes = undefined;
	Object.assign(world.controller.network, { errorsOneIn: 0, lagMs: 0, breaksOneIn: 0, doublesOneIn: 0 });
	world.hooks.replaysOneIn = 0;
	for (const place of world.hooks.replicas) {
		place.skewMs = 0;
		place.goOn();
		place.start(world.installation);
	}
	for (const proxy of world.proxies.running()) proxy.faults.clear();
	if (!world.controller.isRunning()) world.controller.start();
};

// ── Metacontroller and the API server ───────────────────────────────────────────────────────────────────────────────

const dies: Begin = ({ world }) => {
	world.controller.kill();
	return () => startUnlessRunning(world);
};

const startUnlessRunning = ({ controller }: World) => {
	if (!controller.isRunning()) controller.start();
};

const diesAfterWrites: Begin = ({ world, dieAfter }, { choice }) => {
	dieAfter.writes = choice % 6;
	return () => {
		dieAfter.writes = undefined;
		startUnlessRunning(world);
	};
};

const startsBehind: Begin = ({ world, past }, { seconds }) => {
	const moment = world.time.monotonic() - 1000 * seconds;
	world.controller.start((resource, namespace) => past.listAt(moment, resource, namespace));
	return undefined;
};

const network =
	(change: (choice: number) => object, back: object): Begin =>
	({ world }, { choice }) => {
		Object.assign(world.controller.network, change(choice));
		return () => void Object.assign(world.controller.network, back);
	};

// ── Hooks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const hook =
	(start: (world: World, place: World["hooks"]["replicas"][number], choice: number) => () => void): Begin =>
	({ world }, { choice }) => {
		const place = world.hooks.replicas[choice % world.hooks.replicas.length];
		return place && start(world, place, Math.floor(choice / 2));
	};

// ── Proxies ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const SCOPES = ["*", "ControlPlane", "AdminService", "*"] as const;

const proxyFaults = (proxies: Proxies, choice: number): Faults | undefined => {
	const running = proxies.running();
	return running[choice % Math.max(1, running.length)]?.faults;
};

const proxy =
	(faultOf: (choice: number) => Fault): Begin =>
	({ world }, { choice }) => {
		const faults = proxyFaults(world.proxies, choice);
		if (faults === undefined) return undefined;
		const scope = SCOPES[(choice >> 4) % SCOPES.length] ?? "*";
		faults.set(scope, faultOf(choice >> 6));
		return () => faults.clear(scope);
	};

const CODES = [
	status.UNAVAILABLE,
	status.FAILED_PRECONDITION,
	status.INTERNAL,
	status.UNIMPLEMENTED,
	status.RESOURCE_EXHAUSTED,
	status.UNAUTHENTICATED,
];
const AFTERWARDS = ["unavailable", "reset", "hanging"] as const;

const withRecord =
	(change: (store: ReturnType<Proxies["running"]>[number]["store"], name: string, choice: number) => void): Begin =>
	({ world }, { choice }) => {
		const full = world.proxies.running().filter(({ store }) => storeNames(store).length > 0);
		const found = full[choice % Math.max(1, full.length)];
		const names = found === undefined ? [] : storeNames(found.store);
		const name = names[(choice >> 4) % Math.max(1, names.length)];
		if (found !== undefined && name !== undefined) change(found.store, name, choice >> 6);
		return undefined;
	};

// ── Pods and children ───────────────────────────────────────────────────────────────────────────────────────────────

const podsOf = async ({ store }: World): Promise<KubeObject[]> => {
	const { items } = await store.list(await store.resourceOf("v1", "Pod"));
	return items.toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
};

const podIsGone =
	({ andVolume }: { readonly andVolume: boolean }): Begin =>
	async ({ world }, { choice }) => {
		const pods = await podsOf(world);
		const pod = pods[choice % Math.max(1, pods.length)];
		if (pod === undefined) return undefined;
		const { namespace, name } = pod.metadata;
		const claims = await resourceOf(world, "PersistentVolumeClaim");
		if (andVolume) await world.store.delete(claims, namespace, `data-${name}`);
		await world.store.delete(await resourceOf(world, "Pod"), namespace, name, { gracePeriodSeconds: 0 });
		return undefined;
	};

const podFails =
	(how: "crash" | "unready"): Begin =>
	async ({ world }, { choice }) => {
		const pods = await podsOf(world);
		const pod = pods[choice % Math.max(1, pods.length)];
		if (pod === undefined) return undefined;
		await annotate(world, pod, how);
		return () => annotate(world, pod, undefined);
	};

const annotate = async (world: World, { metadata }: KubeObject, how: string | undefined): Promise<void> => {
	const live = await world.store.get(await resourceOf(world, "Pod"), metadata.namespace, metadata.name);
	if (live === undefined || live.metadata.uid !== metadata.uid) return;
	const { [FAIL]: _before, ...annotations } = live.metadata.annotations ?? {};
	await world.store.update({
		...live,
		metadata: { ...live.metadata, annotations: { ...annotations, ...(how !== undefined && { [FAIL]: how }) } },
	});
};

const withChild =
	(change: (child: KubeObject, choice: number) => KubeObject | undefined): Begin =>
	async ({ world }, { choice }) => {
		const child = await pickChild(world, choice);
		if (child === undefined) return undefined;
		const changed = change(child, Math.floor(choice / 7));
		if (changed !== undefined) await world.store.update(changed);
		return undefined;
	};

const childIsDeleted: Begin = async ({ world }, { choice }) => {
	const child = await pickChild(world, choice);
	if (child === undefined) return undefined;
	const { namespace, name } = child.metadata;
	await world.store.delete(await world.store.resourceOf(child.apiVersion, child.kind), namespace, name);
	return undefined;
};

// ── All of them ─────────────────────────────────────────────────────────────────────────────────────────────────────

const BEGIN: Readonly<Record<TroubleName, Begin>> = {
	"controller dies": dies,
	"controller dies after a few writes": diesAfterWrites,
	"controller starts from an API server that is behind": startsBehind,
	"hook dies": hook((world, place) => {
		place.kill();
		return () => place.start(world.installation);
	}),
	"hook stands still": hook((_world, place) => {
		place.pause();
		return () => place.goOn();
	}),
	"hook of another version": hook((world, place) => {
		place.start({ ...world.installation, imageTag: "v1.0.1" });
		return () => place.start(world.installation);
	}),
	"hook's clock is wrong": hook((_world, place, choice) => {
		place.skewMs = 1000 * ((choice % 240) - 120);
		return () => {
			place.skewMs = 0;
		};
	}),
	"requests fail": network((choice) => ({ errorsOneIn: 2 + (choice % 6) }), { errorsOneIn: 0 }),
	"events come late": network((choice) => ({ lagMs: 1000 * (1 + (choice % 20)) }), { lagMs: 0 }),
	"watches break": network((choice) => ({ breaksOneIn: 2 + (choice % 20) }), { breaksOneIn: 0 }),
	"events come twice": network((choice) => ({ doublesOneIn: 1 + (choice % 3) }), { doublesOneIn: 0 }),
	"requests are made once more": ({ world }, { choice }) => {
		world.hooks.replaysOneIn = 1 + (choice % 4);
		return () => {
			world.hooks.replaysOneIn = 0;
		};
	},
	"proxy is slow": proxy((choice) => ({ kind: "slow", ms: 200 + 500 * (choice % 16) })),
	"proxy hangs": proxy(() => ({ kind: "hanging" })),
	"proxy answers with an error": proxy((choice) => ({
		kind: "status",
		code: CODES[choice % CODES.length] ?? status.UNKNOWN,
	})),
	"proxy refuses": proxy(() => ({ kind: "refusing", message: "no room, token=hunter2-canary" })),
	"proxy does it and does not say so": proxy((choice) => ({
		kind: "committed",
		afterwards: AFTERWARDS[choice % AFTERWARDS.length] ?? "reset",
	})),
	"proxy resets connections": proxy(() => ({ kind: "reset" })),
	"proxy lies": proxy(() => ({ kind: "lying" })),
	"proxy loses a part": proxy(() => ({ kind: "halfApplying" })),
	"proxy knows the published design only": ({ world }, { choice }) => {
		const faults = proxyFaults(world.proxies, choice);
		faults?.speak("design");
		return () => faults?.speak("extended");
	},
	"proxy loses all": withRecord((store) => store.wipe()),
	"control planes have no leader": ({ world }) => {
		const planes = world.proxies.running().filter(({ kind }) => kind === "controlPlane");
		for (const { faults } of planes)
			faults.set("ControlPlane", { kind: "status", code: status.UNAVAILABLE, details: "no leader elected" });
		return () => {
			for (const { faults } of planes) faults.clear("ControlPlane");
		};
	},
	"record is changed by hand": withRecord((store, name, choice) =>
		choice % 2 === 0
			? store.tamper(name, { config: { metadata: { by: "hand" } } })
			: void store.remove(name, "somebody"),
	),
	"pod is gone": podIsGone({ andVolume: false }),
	"pod and volume are gone": podIsGone({ andVolume: true }),
	"pod crashes": podFails("crash"),
	"pod is not ready": podFails("unready"),
	"child is edited": withChild(tampered),
	"child is deleted": childIsDeleted,
	"child loses a label": withChild(withoutOneLabel),
	"the clock jumps": ({ world }, { choice }) => {
		world.time.jump(1000 * ((choice % 900) - 30));
		return undefined;
	},
};
