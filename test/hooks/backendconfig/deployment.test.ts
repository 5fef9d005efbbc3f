import { expect, it } from "vitest";
import { probeDeployment } from "../../../hooks/backendconfig/deployment.ts";
import { plannedBackend, type Surroundings } from "../plans.ts";

const built = (spec: object, around: Surroundings = {}) => {
	const { plan, request } = plannedBackend(spec, around);
	return probeDeployment(plan, request.children);
};
const containerOf = (deployment: ReturnType<typeof built>) => deployment?.spec?.template.spec?.containers[0];
const CHECKED = { connection: { url: "redis://redis:6379" }, healthCheck: { enabled: true } };
const SECRET = { connection: { secretRef: { name: "credentials", keys: { url: "url" } } }, provider: "redis" };

it.each<[string, object]>([
	["unless a check is asked for", { connection: { url: "redis://redis:6379" } }],
	["for a backend that has nothing to be down", { provider: "memstore", healthCheck: { enabled: true } }],
	["for a provider without a probe", { provider: "oracle", healthCheck: { enabled: true } }],
])("is not wanted %s", (_, spec) => {
	expect(built(spec)).toBeUndefined();
});

it("is one pod, which is ready while the backend answers and restarted only if it does not answer itself", () => {
	const probe = built(CHECKED);
	expect(probe).toMatchObject({ metadata: { name: "it-probe" }, spec: { replicas: 1 } });
	expect(containerOf(probe)).toMatchObject({
		readinessProbe: { httpGet: { path: "/readyz", port: 8080 } },
		livenessProbe: { httpGet: { path: "/healthz", port: 8080 } },
	});
});

it.each([
	[undefined, "ghcr.io/prism/prism-operator-probe:v1.0.0"],
	["mine/probe:1", "mine/probe:1"],
])("runs the installation's image: %s", (probeImage, image) => {
	expect(containerOf(built(CHECKED, { installation: { ...(probeImage && { probeImage }) } }))?.image).toBe(image);
});

it("checks as often and as patiently as spec says", () => {
	const healthCheck = { enabled: true, interval: "10s", timeout: "2s", resources: { requests: { cpu: "5m" } } };
	const container = containerOf(built({ ...CHECKED, healthCheck }));
	expect(container?.env).toContainEqual({ name: "PRISM_PROBE_INTERVAL", value: "10s" });
	expect(container?.env).toContainEqual({ name: "PRISM_PROBE_TIMEOUT", value: "2s" });
	expect(container?.resources?.requests).toMatchObject({ cpu: "5m" });
});

it("connects with the credentials of the backend's users, and is replaced when they change", () => {
	const probe = built({ ...SECRET, healthCheck: { enabled: true } });
	expect(containerOf(probe)?.env).toContainEqual({
		name: "PRISM_BACKEND_URL",
		valueFrom: { secretKeyRef: { name: "credentials", key: "url" } },
	});
	expect(probe?.metadata.annotations).toMatchObject({ "secret.reloader.stakater.com/reload": "credentials" });
	const checksum = (spec: object) => built(spec)?.spec?.template.metadata?.annotations?.["prism.io/backend-checksum"];
	expect(checksum(CHECKED)).toBeDefined();
	expect(checksum({ ...CHECKED, connection: { url: "redis://other:6379" } })).not.toBe(checksum(CHECKED));
});
