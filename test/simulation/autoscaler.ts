import { numberAt, stringAt } from "../../devcluster/json.ts";
import { ApiError, type Store } from "../../devcluster/store.ts";
import type { WorldTime } from "./time.ts";

// A cluster's autoscaler. Without any load it keeps what it scales at its least, whoever scaled it. With a load it goes up and
// down, until it stays where the load leaves it.

export interface Autoscaler {
	/** 0: none; else which counts it comes by. */
	load: number;
}

const EVERY_MS = 15_000;
const MOVING_MS = 300_000;

export const startAutoscaler = async (store: Store, time: WorldTime): Promise<Autoscaler> => {
	const scaler: Autoscaler = { load: 0 };
	const countFor = (least: number, most: number): number => {
		if (scaler.load === 0) return least;
		const step = Math.floor(Math.min(time.monotonic(), MOVING_MS) / EVERY_MS);
		return least + ((scaler.load + step) % (most - least + 1));
	};
	const autoscalers = await store.resourceOf("autoscaling/v2", "HorizontalPodAutoscaler");
	const scale = async () => {
		for (const autoscaler of (await store.list(autoscalers)).items) {
			const reference = (field: string) => stringAt(autoscaler, "spec", "scaleTargetRef", field) ?? "";
			const resource = await store.resourceOf(reference("apiVersion"), reference("kind"));
			const target = await store.get(resource, autoscaler.metadata.namespace, reference("name"));
			const least = numberAt(autoscaler, "spec", "minReplicas") ?? 1;
			const replicas = countFor(least, Math.max(least, numberAt(autoscaler, "spec", "maxReplicas") ?? least));
			if (target === undefined || numberAt(target, "spec", "replicas") === replicas) continue;
			await store.update({ ...target, spec: { ...(target["spec"] as object), replicas } }).catch(unlessOutdated);
		}
		time.after(EVERY_MS, () => void scale());
	};
	time.after(EVERY_MS, () => void scale());
	return scaler;
};

const unlessOutdated = (error: unknown) => {
	if (!(error instanceof ApiError)) throw error;
};
