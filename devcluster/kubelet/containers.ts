import type { Container, Pod } from "../controllers/workloads/shapes.ts";
import { stringAt, valueAt } from "../json.ts";
import type { Store } from "../store.ts";
import { environmentOf, problemOf } from "./references.ts";

// Why a container does not run, and what its status is then: the kubelet's own reasons and words.

/** Annotation of a pod, so of a template too: makes its first container fail in the way of its value. */
export const FAIL = "local.prism.io/fail";
/** Annotation: the USER of the pod's images, "65532" where it is absent. */
export const IMAGE_USER = "local.prism.io/image-user";

/** `unready` runs; `memory` is a crash for the want of it. */
const FAILURES = ["image", "crash", "memory", "unready"] as const;
export type Failure = (typeof FAILURES)[number];

/** Tags of images whose containers fail in this way. */
const BY_TAG: Readonly<Record<string, Failure>> = {
	broken: "image",
	crashing: "crash",
	starving: "memory",
	unready: "unready",
};

/** How a container fails: by the tag of its image, or the first one by the annotation of its pod. */
export const failureOf = ({ metadata, spec }: Pod, { name, image = "" }: Container): Failure | undefined => {
	const asked = spec.containers[0]?.name === name ? metadata.annotations?.[FAIL] : undefined;
	return FAILURES.find((failure) => failure === asked) ?? BY_TAG[image.split(":").at(-1) ?? ""];
};

export type Obstacle =
	| { readonly reason: "ErrImagePull"; readonly message: string }
	/** May pass: what is missing can come. */
	| { readonly reason: "CreateContainerConfigError"; readonly message: string };

/** What keeps this container from being started; undefined when nothing does. */
export const obstacleOf = async (store: Store, pod: Pod, container: Container): Promise<Obstacle | undefined> => {
	const { image = "" } = container;
	if (failureOf(pod, container) === "image") {
		const message = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
		return { reason: "ErrImagePull", message };
	}
	const message = (await problemOf(environmentOf(store, pod, container))) ?? forbiddenUser(pod, container);
	return message === undefined ? undefined : { reason: "CreateContainerConfigError", message };
};

/** runAsNonRoot is verified by number: an image's own user of a name can't be. */
const forbiddenUser = (pod: Pod, container: Container): string | undefined => {
	const setting = (field: string) =>
		valueAt(container, "securityContext", field) ?? valueAt(pod.spec, "securityContext", field);
	if (setting("runAsNonRoot") !== true) return undefined;
	const user = setting("runAsUser");
	if (user === 0) return "container's runAsUser breaks non-root policy";
	if (user !== undefined) return undefined;
	const own = pod.metadata.annotations?.[IMAGE_USER] ?? "65532";
	if (own === "0" || own === "root" || own === "") return "container has runAsNonRoot and image will run as root";
	if (/^\d+$/.test(own)) return undefined;
	return `container has runAsNonRoot and image has non-numeric user (${own}), cannot verify user is non-root`;
};

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type ContainerState =
	| { readonly is: "creating"; readonly reason: "ContainerCreating" | "PodInitializing" }
	/** An image whose pull has failed once is waited for. */
	| { readonly is: "blocked"; readonly obstacle: Obstacle; readonly backsOff: boolean }
	| { readonly is: "running"; readonly since: string; readonly ready: boolean }
	| { readonly is: "completed"; readonly since: string }
	| {
			readonly is: "crashing";
			readonly restarts: number;
			readonly since: string;
			readonly pod: string;
			readonly end: { readonly exitCode: number; readonly reason: string };
	  };

/** Seconds until a container that has crashed this often is started again. */
export const backOffSeconds = (restarts: number): number => Math.min(300, 10 * 2 ** (restarts - 1));

const goDuration = (seconds: number): string => {
	const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
	return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
};

export const containerStatus = ({ name, image = "" }: Container, state: ContainerState) => {
	const status = { name, image, imageID: "", ready: false, restartCount: 0, started: false };
	switch (state.is) {
		case "creating":
			return { ...status, state: waiting(state.reason) };
		case "blocked":
			return { ...status, state: blockedState(image, state) };
		case "running":
			return { ...status, ...identity(image), ready: state.ready, started: true, state: running(state.since) };
		case "completed":
			return { ...status, ...identity(image), ready: true, state: terminated(0, "Completed", state.since) };
		case "crashing": {
			const { restarts: restartCount, since, pod, end } = state;
			const wait = goDuration(backOffSeconds(restartCount));
			const message = `back-off ${wait} restarting failed container=${name} pod=${pod}`;
			const lastState = terminated(end.exitCode, end.reason, since);
			return {
				...status,
				...identity(image),
				restartCount,
				state: waiting("CrashLoopBackOff", message),
				lastState,
			};
		}
		default:
			return state satisfies never;
	}
};

const identity = (image: string) => ({ imageID: `local/${image}` });
const waiting = (reason: string, message?: string) => ({ waiting: { reason, ...(message && { message }) } });
const running = (startedAt: string) => ({ running: { startedAt } });
const terminated = (exitCode: number, reason: string, at: string) => ({
	terminated: { exitCode, reason, startedAt: at, finishedAt: at },
});

const blockedState = (image: string, { obstacle, backsOff }: Extract<ContainerState, { is: "blocked" }>) =>
	obstacle.reason === "ErrImagePull" && backsOff
		? waiting("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${obstacle.message}`)
		: waiting(obstacle.reason, obstacle.message);

/** Whether a container has been running, now or before: what the pod's phase is derived from. */
export const hasStarted = ({ is }: ContainerState): boolean => is === "running" || is === "crashing";

/** "<pod>_<namespace>(<uid>)", as the kubelet calls a pod. */
export const podId = ({ metadata }: Pod): string => `${metadata.name}_${metadata.namespace}(${metadata.uid})`;

/** Restartable init containers run beside the others. */
export const isSidecar = (container: Container): boolean => stringAt(container, "restartPolicy") === "Always";
