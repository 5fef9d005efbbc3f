import type { Pod } from "../controllers/workloads/shapes.ts";

// Pods that do something: emulated proxies and backend probes. The other pods only look as if they ran.

/** Appends a line to the log of a pod's first container. */
export type WriteLine = (line: string) => void;

export interface PodRunner {
	/**
	 * undefined: not a pod of this runner's. The pod has its address; `changed` is called whenever `isReady` may answer
	 * otherwise. Called once the pod's first container can start.
	 */
	run(pod: Pod, changed: () => void, write: WriteLine): RunningPod | undefined;
}

export interface RunningPod {
	isReady(): boolean;
	/** The pod has changed, or may have: its annotations can. */
	update?(pod: Pod): void;
	stop(): void;
}

/** The first that takes a pod runs it. */
export const firstOf = (...runners: readonly (PodRunner | undefined)[]): PodRunner => ({
	run(pod, changed, write) {
		for (const runner of runners) {
			const running = runner?.run(pod, changed, write);
			if (running !== undefined) return running;
		}
		return undefined;
	},
});
