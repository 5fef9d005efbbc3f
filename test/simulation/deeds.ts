import { stringAt } from "../../devcluster/json.ts";
import { ApiError, type Resource } from "../../devcluster/store.ts";
import { KINDS } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { type Deed, HISTORY_SECONDS } from "./plan.ts";
import type { Kind } from "./specs.ts";
import type { World } from "./world.ts";

// What users do, as GitOps does it: what they declared and is not there is applied again until it is.

export interface Users {
	/** Declarations that the API server refused, each with its answer. */
	readonly refused: { readonly deed: Deed; readonly message: string }[];
	/** What they want to be there now. */
	declared(): KubeObject[];
	/** Changes an object's spec once more, as somebody does who wants a rollout to be tried again. */
	retry(kind: Kind, namespace: string, name: string): Promise<void>;
}

const AGAIN_MS = 10_000;
const FIELD_MANAGER = "users";

export const startUsers = (world: World, deeds: readonly Deed[]): Users => {
	const { store, time } = world;
	const wanted = new Map<string, KubeObject>();
	const refused: { deed: Deed; message: string }[] = [];
	const keyOf = ({ kind, namespace, name }: Pick<Deed, "kind" | "namespace" | "name">) =>
		`${kind}/${namespace}/${name}`;

	const apply = (object: KubeObject) => store.apply(object, { fieldManager: FIELD_MANAGER });
	const declare = async (deed: Deed & { readonly do: "declare" }) => {
		const { kind, namespace, name, spec } = deed;
		const before = wanted.get(keyOf(deed));
		const annotations = before?.metadata.annotations;
		const object = {
			apiVersion: API_VERSION,
			kind,
			metadata: { name, namespace, ...(annotations && { annotations }) },
			spec,
		};
		const live = await store.get(await resourceOf(world, kind), namespace, name);
		const fixed = live && changesWhatIsFixed(live, object);
		if (fixed !== undefined) {
			refused.push({ deed, message: fixed });
			return;
		}
		try {
			await apply(object);
			wanted.set(keyOf(deed), object);
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			refused.push({ deed, message: error.message });
		}
	};
	const withdraw = async (deed: Deed) => {
		wanted.delete(keyOf(deed));
		await store.delete(await resourceOf(world, deed.kind), deed.namespace, deed.name);
	};
	const setPaused = async (deed: Deed, paused: boolean) => {
		const object = wanted.get(keyOf(deed));
		if (object === undefined) return;
		const { annotations: _before, ...metadata } = object.metadata;
		const next = {
			...object,
			metadata: { ...metadata, ...(paused && { annotations: { [PAUSED_ANNOTATION]: "true" } }) },
		};
		wanted.set(keyOf(deed), next);
		await apply(next);
	};
	const act = async (deed: Deed): Promise<void> => {
		if (deed.do === "declare") return declare(deed);
		if (deed.do === "withdraw") return withdraw(deed);
		return setPaused(deed, deed.do === "pause");
	};
	/** One who looks at what is there, and applies what is not. */
	const lookAgain = async () => {
		for (const object of wanted.values()) {
			const { kind, metadata } = object;
			const live = await store.get(await resourceOf(world, kind), metadata.namespace, metadata.name);
			if (live === undefined) await apply(object);
		}
		time.after(AGAIN_MS, () => void lookAgain());
	};
	/** What is paused in the end stays as it was when it was paused: then there is nothing to compare. */
	const resumeAll = async () => {
		for (const { kind, metadata } of wanted.values()) {
			const subject = { at: 0, kind: kind as Kind, namespace: metadata.namespace ?? "", name: metadata.name };
			if (metadata.annotations !== undefined) await setPaused({ ...subject, do: "resume" }, false);
		}
	};
	for (const deed of deeds) time.after(1000 * deed.at, () => void act(deed));
	time.after(AGAIN_MS, () => void lookAgain());
	time.after(1000 * HISTORY_SECONDS + 1, () => void resumeAll());
	return {
		refused,
		declared: () => [...wanted.values()],
		async retry(kind, namespace, name) {
			const live = await store.get(await resourceOf(world, kind), namespace, name);
			if (live === undefined || typeof live["spec"] !== "object") return;
			// Of no consequence but for the generation.
			const rollout = { ...(live["spec"] as { rollout?: object }).rollout, deadlineSeconds: 299 };
			await store.update({ ...live, spec: { ...live["spec"], rollout } });
		},
	};
};

/** Rules on changes, which the store in memory does not evaluate: the API server refuses these by the CRDs' rules. */
const changesWhatIsFixed = (live: KubeObject, next: KubeObject): string | undefined => {
	const idOf = (object: KubeObject) => stringAt(object, "spec", "namespaceId") ?? object.metadata.name;
	const volumeOf = (object: KubeObject) =>
		["size", "storageClassName"].map((field) => stringAt(object, "spec", "storage", field) ?? VOLUME[field]).join();
	if (live.kind === "PrismNamespace" && idOf(live) !== idOf(next)) return "spec.namespaceId can't be changed";
	if (live.kind === "PrismShard" && volumeOf(live) !== volumeOf(next)) return "spec.storage can't be changed";
	return undefined;
};

/** What the schema fills in. */
const VOLUME: Readonly<Record<string, string>> = { size: "10Gi" };

export const resourceOf = (world: Pick<World, "store">, kind: string): Promise<Resource> => {
	const ours = KINDS.some((descriptor) => descriptor.kind === kind);
	const workload = ["Deployment", "StatefulSet", "ReplicaSet"].includes(kind);
	return world.store.resourceOf(ours ? API_VERSION : workload ? "apps/v1" : "v1", kind);
};
