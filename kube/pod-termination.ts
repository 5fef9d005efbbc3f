import type { Installation } from "../schemas/installation.ts";

/** How a pod terminates. */
export interface Termination {
	/** Seconds for which its containers continue to serve before SIGTERM; undefined: SIGTERM at once. */
	readonly preStopSeconds: number | undefined;
	/** Seconds until SIGKILL, from the start of the termination. */
	readonly graceSeconds: number;
}

/** Seconds until endpoint updates reach all clients, before SIGTERM. */
const LEAVING_SECONDS = 5;

/** For a pod without a Service: `seconds` are the time to exit. */
export const atOnce = (seconds: number): Termination => ({ preStopSeconds: undefined, graceSeconds: seconds });

/**
 * For a pod that clients reach through a Service: the process has its `seconds` in full after its endpoints are removed. The kubelet
 * itself waits, so that images need no shell. Kubernetes before 1.30 rejects pods with this action.
 */
export const afterLeaving = (
	seconds: number,
	{ sleepAction = true }: Pick<Installation, "sleepAction">,
): Termination =>
	seconds === 0 || !sleepAction
		? atOnce(seconds)
		: { preStopSeconds: LEAVING_SECONDS, graceSeconds: LEAVING_SECONDS + seconds };

/**
 * For a proxy. `isOld`: an operator up to 0.1.0 created its workload, and another template would replace every pod, so that the wait
 * stays within the grace period.
 */
export const ofProxy = (
	seconds: number,
	installation: Pick<Installation, "sleepAction">,
	isOld: boolean,
): Termination => {
	const termination = afterLeaving(seconds, installation);
	if (!isOld) return termination;
	return seconds > LEAVING_SECONDS ? { ...termination, graceSeconds: seconds } : atOnce(seconds);
};
