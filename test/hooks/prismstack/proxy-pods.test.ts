import { expect, it } from "vitest";
import { keptApart, proxyPods } from "../../../hooks/prismstack/proxy-pods.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const containerOf = (pods: ReturnType<typeof proxyPods>) => {
	const [container] = recordsAt(pods.template, "spec", "containers");
	return container;
};
const variables = (pods: ReturnType<typeof proxyPods>) =>
	recordsAt(containerOf(pods), "env").map(({ name }) => String(name));
const OLD = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "it-proxy", namespace: "prism" },
	spec: { replicas: 1 },
};

it("new ones serve until all clients know, and have an id", () => {
	const pods = proxyPods(planned({ proxy: { terminationGracePeriodSeconds: 30 } }), seeing());
	expect(valueAt(pods.template, "spec", "terminationGracePeriodSeconds")).toBe(35);
	expect(variables(pods)).toContain("PRISM_PROXY_ID");
});

it("those from before keep their template", () => {
	const pods = proxyPods(planned({ proxy: { terminationGracePeriodSeconds: 30 } }), seeing(OLD));
	expect(valueAt(pods.template, "spec", "terminationGracePeriodSeconds")).toBe(30);
	expect(variables(pods)).not.toContain("PRISM_PROXY_ID");
});

it("get the time to receive their namespaces, where no control plane has them", () => {
	expect(proxyPods(planned(), seeing()).minReadySeconds).toBe(5);
	expect(proxyPods(plannedAdmin().plan, seeing()).minReadySeconds).toBeUndefined();
});

it("register at the control plane, if the image takes arguments", () => {
	const plan = planned({ admin: { enabled: true } }, { proxyArguments: true });
	expect(containerOf(proxyPods(plan, seeing()))?.["args"]).toContain("--admin-endpoint=it-admin.prism.svc:8981");
	expect(containerOf(proxyPods(planned(), seeing()))).not.toHaveProperty("args", expect.anything());
});

const apart = {
	affinity: {
		podAntiAffinity: {
			requiredDuringSchedulingIgnoredDuringExecution: [
				{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "prism-proxy" } } },
			],
		},
	},
};

it.each([
	[{ replicas: 2, placement: apart }, true],
	[{ replicas: 1, placement: apart }, false],
	[{ replicas: 2 }, false],
])("%j keep apart: %s", (proxy, is) => {
	expect(keptApart(planned({ proxy }).proxy)).toBe(is);
});
