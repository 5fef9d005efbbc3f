import { expect, it } from "vitest";
import { proxyDeployment } from "../../../hooks/prismstack/proxy-deployment.ts";
import { proxyStatefulSet } from "../../../hooks/prismstack/proxy-statefulset.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const KEPT = { workload: "StatefulSet", replicas: 3 };
const setOf = (proxy: Record<string, unknown> = {}, metadata = {}) =>
	proxyStatefulSet(planned({ proxy: { ...KEPT, ...proxy } }, {}, metadata), seeing());

it("is there where the spec asks for it", () => {
	expect(proxyStatefulSet(planned(), seeing())).toBeUndefined();
	expect(setOf()?.metadata.name).toBe("it-proxy");
});

it("gives each pod the name that it had, and so the id with which it registers", () => {
	const spec = setOf()?.spec;
	// Names of its pods: it-proxy-0, it-proxy-1, it-proxy-2, whoever of them is replaced.
	expect(spec).toMatchObject({ replicas: 3, serviceName: "it-proxy-headless", podManagementPolicy: "Parallel" });
	const variables = spec?.template.spec?.containers[0]?.env;
	expect(variables?.find(({ name }) => name === "PRISM_PROXY_ID")?.valueFrom?.fieldRef?.fieldPath).toBe(
		"metadata.name",
	);
});

it("has no volumes, and the pods that a Deployment would have", () => {
	const spec = setOf()?.spec;
	expect(spec?.volumeClaimTemplates).toBeUndefined();
	expect(spec?.persistentVolumeClaimRetentionPolicy).toBeUndefined();
	const deployment = proxyDeployment(planned({ proxy: { replicas: 3 } }), seeing());
	expect(spec?.template).toEqual(deployment?.spec?.template);
	expect(spec?.selector).toEqual(deployment?.spec?.selector);
});

it("replaces pods one by one, each with time to receive its namespaces", () => {
	expect(setOf()?.spec).toMatchObject({ updateStrategy: { type: "RollingUpdate" }, minReadySeconds: 5 });
	const { plan } = plannedAdmin({}, { proxy: KEPT });
	expect(proxyStatefulSet(plan, seeing())?.spec?.minReadySeconds).toBeUndefined();
});

it("has a name with which it gets pods, however long its stack's is", () => {
	expect(setOf({}, { name: "x".repeat(63) })?.metadata.name).toHaveLength(52);
});
