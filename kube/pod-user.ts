import type { Installation } from "../schemas/installation.ts";
import type { PodSecurity } from "../schemas/pods.ts";

// User and group of pods whose spec sets none. null: the cluster assigns them, as OpenShift does.

const UNPRIVILEGED = 65532;

/** Group that owns volumes, so that a process that is not root can write them. */
export const volumeGroup = ({ fsGroup }: PodSecurity, installation: Pick<Installation, "fsGroup">): number | null =>
	firstGiven(fsGroup, installation.fsGroup);

/** User of an image that sets its user by name: the kubelet can't check whether a name is root. */
export const numericUser = ({ runAsUser }: PodSecurity, installation: Pick<Installation, "runAsUser">): number | null =>
	firstGiven(runAsUser, installation.runAsUser);

const firstGiven = (own: number | null | undefined, installed: number | null | undefined): number | null => {
	if (own !== undefined) return own;
	return installed === undefined ? UNPRIVILEGED : installed;
};
