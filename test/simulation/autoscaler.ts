import { numberAt, stringAt } from "../../local/json.ts";
import { ApiError, type Store } from "../../local/store.ts";
import type { WorldTime } from "./time.ts";

// A cluster's autoscaler in which there is never any load: it keeps what it scales at its least, whoever scaled it.

const EVERY_MS = 15_000;

export const startAutoscaler = async (store: Store, time: WorldTime): Promise<void> => {
	const autoscalers = await store.resourceOf("autoscaling/v2", "HorizontalPodAutoscaler");
	const scale = async () => {
		for (const autoscaler of (await store.list(autoscalers)).items) {
			const reference = (field: string) => stringAt(autoscaler, "spec", "scaleTargetRef", field) ?? "";
			const resource = await store.resourceOf(reference("apiVersion"), reference("kind"));
			const target = await store.get(resource, autoscaler.metadata.namespace, reference("name"));
			const replicas = numberAt(autoscaler, "spec", "minReplicas") ?? 1;
			if (target === undefined || numberAt(target, "spec", "replicas") === replicas) continue;
			await store.update({ ...target, spec: { ...(target["spec"] as object), replicas } }).catch(unlessOutdated);
		}
		time.after(EVERY_MS, () => void scale());
	};
	time.after(EVERY_MS, () => void scale());
};

const unlessOutdated = (error: unknown) => {
	if (!(error instanceof ApiError)) throw error;
};
