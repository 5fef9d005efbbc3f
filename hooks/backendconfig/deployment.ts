import { type Deployment, deployment } from "../../kube/children/deployment.ts";
import { bindingEnvironment, bindingMounts, bindingSecrets } from "../../kube/connection-binding.ts";
import { childMetadata, observedOf } from "../../kube/object.ts";
import { podTemplate } from "../../kube/pod.ts";
import { defaultResources, recording } from "../../kube/resources.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PodSecurity, Probe } from "../../schemas/pods.ts";
import type { Resources } from "../../schemas/scheduling.ts";
import { BACKEND_PLACES, BINDING_CHECKSUM_ANNOTATION, RELOAD_SECRETS_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { BackendPlan } from "./plan.ts";

const PROBE_PORT = 8080;
const PROBE_SECURITY: PodSecurity = { runAsNonRoot: true, readOnlyRootFilesystem: true };
const PROBE_RESOURCES: Resources = { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "192Mi" } };
const READY: Probe = { type: "http", path: "/readyz", periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 1 };
/** Restarting the probe does not fix the backend: only a probe that does not answer at all is restarted. */
const ALIVE: Probe = { type: "http", path: "/healthz", periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 6 };

/**
 * A program of ours beside the backend's users: it connects as they do, under the same network policy, with credentials
 * that it mounts by name. Its readiness is the verdict; the operator itself never dials an address that a user gave.
 */
export const probeDeployment = (plan: BackendPlan, observed: ObjectMap): Deployment | undefined => {
	const { health } = plan;
	if (health.by !== "probe") return undefined;
	const selector = { app: "prism-probe", probe: health.name };
	const labels = { ...plan.labels, ...selector, component: "probe" };
	const secrets = bindingSecrets(plan.binding);
	const named = {
		...childMetadata(plan, health.name),
		labels,
		...(secrets.length > 0 && { annotations: { [RELOAD_SECRETS_ANNOTATION]: secrets.join(",") } }),
	};
	const there = observedOf(observed, { apiVersion: "apps/v1", kind: "Deployment", metadata: named });
	const byDefault = defaultResources(there, health.installed);
	return deployment({
		metadata: recording(named, byDefault),
		replicas: 1,
		selector,
		template: podTemplate({
			container: {
				name: "probe",
				image: health.image,
				args: ["probe"],
				env: [
					{ name: "PRISM_PROBE_INTERVAL", value: health.interval },
					{ name: "PRISM_PROBE_TIMEOUT", value: health.timeout },
					{ name: "PRISM_PROBE_PORT", value: String(PROBE_PORT) },
					...bindingEnvironment(plan.binding, BACKEND_PLACES),
				],
				ports: [{ name: "http", port: PROBE_PORT }],
				probe: READY,
				liveness: ALIVE,
				mounts: bindingMounts(plan.binding, BACKEND_PLACES),
			},
			labels,
			annotations: { [BINDING_CHECKSUM_ANNOTATION]: plan.binding.checksum },
			selector,
			placement: { resources: health.resources ?? PROBE_RESOURCES },
			byDefault,
			security: PROBE_SECURITY,
			terminationGracePeriodSeconds: 5,
			spread: false,
		}),
	});
};
