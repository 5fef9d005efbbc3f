import type { Installation } from "../schemas/installation.ts";

/** An ordinary installation, without anything that has to be switched on. */
export const INSTALLATION: Installation = {
	imageRegistry: "ghcr.io/prism",
	imageTag: "v1.0.0",
	clusterId: "test",
	inlineCredentials: false,
	keda: false,
	serviceMonitors: false,
};
