import { expect, it } from "vitest";
import { proxyDeployment } from "../../../hooks/prismstack/proxy-deployment.ts";
import { RESTARTED_AT_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const specOf = (...given: Parameters<typeof planned>) => proxyDeployment(planned(...given), seeing())?.spec;
const containerOf = (...given: Parameters<typeof planned>) => specOf(...given)?.template.spec?.containers[0];

it("is not there where the proxies keep their names", () => {
	expect(proxyDeployment(planned({ proxy: { workload: "StatefulSet" } }), seeing())).toBeUndefined();
});

it("runs as many proxies as the spec says, behind labels that never change", () => {
	const spec = specOf({ proxy: { replicas: 3 } });
	expect(spec?.replicas).toBe(3);
	expect(spec?.selector).toEqual({ matchLabels: { app: "prism-proxy", stack: "it" } });
	expect(spec?.template.metadata?.labels).toMatchObject({ app: "prism-proxy", stack: "it", component: "proxy" });
});

it("is of the installation's image, unless the spec names one", () => {
	expect(containerOf()?.image).toBe("ghcr.io/prism/prism-proxy:v1.0.0");
	expect(containerOf({ proxy: { image: "registry.example/proxy:v2" } })?.image).toBe("registry.example/proxy:v2");
});

it("reads its configuration, whose content replaces the pods", () => {
	const container = containerOf();
	expect(container?.volumeMounts).toContainEqual({ name: "config", mountPath: "/etc/prism/config", readOnly: true });
	const checksums = [9090, 9191].map(
		(port) => specOf({ proxy: { port } })?.template.metadata?.annotations?.["prism.io/config-checksum"],
	);
	expect(new Set(checksums).size).toBe(2);
});

it("restarts with another annotation of its stack", () => {
	const annotations = { [RESTARTED_AT_ANNOTATION]: "2026-01-01T00:00:00Z" };
	expect(specOf({}, {}, { annotations })?.template.metadata?.annotations).toMatchObject(annotations);
});

it("gives a new proxy time to receive its namespaces, unless a control plane has them", () => {
	expect(specOf()?.minReadySeconds).toBe(5);
	expect(proxyDeployment(plannedAdmin().plan, seeing())?.spec?.minReadySeconds).toBeUndefined();
});

it("ends once clients were led elsewhere", () => {
	const pod = specOf({ proxy: { terminationGracePeriodSeconds: 10 } })?.template.spec;
	expect(pod?.terminationGracePeriodSeconds).toBe(15);
	expect(pod?.containers[0]?.lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
});
