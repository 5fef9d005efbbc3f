import { expect, it } from "vitest";
import { adminDeployment } from "../../../hooks/prismstack/admin-deployment.ts";
import { plannedAdmin, seeing } from "./planned.ts";

const deploymentOf = (...given: Parameters<typeof plannedAdmin>) => {
	const { plan, admin } = plannedAdmin(...given);
	return adminDeployment(plan, admin, seeing());
};

it("runs a control plane without storage, never two at once", () => {
	const spec = deploymentOf({ replicas: 2, image: "registry.example/admin:v2" })?.spec;
	expect(spec?.replicas).toBe(2);
	expect(spec?.strategy).toEqual({ type: "Recreate" });
	const pod = spec?.template.spec;
	expect(pod?.containers[0]).toMatchObject({
		image: "registry.example/admin:v2",
		args: ["serve", "--config=/etc/prism/config/config.json"],
	});
	expect(pod?.volumes).toContainEqual({ name: "data", emptyDir: {} });
	expect(pod?.securityContext?.runAsUser).toBe(65532);
});

it("is not there with storage", () => {
	expect(deploymentOf({ storage: {} })).toBeUndefined();
});
