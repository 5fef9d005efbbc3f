import type { Installation } from "../schemas/installation.ts";

/** How a pod ends. */
export interface Termination {
	/** Seconds that its containers go on serving before SIGTERM; undefined: they get it at once. */
	readonly preStopSeconds: number | undefined;
	/** Seconds until SIGKILL, from the beginning. */
	readonly graceSeconds: number;
}

/** Seconds in which clients hear that a pod goes, before it gets SIGTERM. */
const LEAVING_SECONDS = 5;

/** Of a pod that no Service leads clients to: `seconds` are for the program to end. */
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

/** Of proxies as operators up to 0.1.0 made them: another template replaces every pod. */
export const afterLeavingWithin = (seconds: number): Termination => ({
	preStopSeconds: seconds > LEAVING_SECONDS ? LEAVING_SECONDS : undefined,
	graceSeconds: seconds,
});
