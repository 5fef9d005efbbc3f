import { expect, it } from "vitest";
import { pluginDeployment } from "../../../hooks/prismplugin/deployment.ts";
import type { RolloutState } from "../../../hooks/prismplugin/rollout.ts";
import { plannedPlugin } from "../plans.ts";

const stateOf = (image?: string): RolloutState => ({
	rollout: undefined,
	lastGood: undefined,
	parts:
		image === undefined
			? []
			: [{ name: "Deployment it-plugin", version: "1", image, state: "Updating", since: "2026-01-01T00:00:00Z" }],
	history: [],
});
const built = (spec: object = {}, state = stateOf("plugins/it:1")) => {
	const { plan, surroundings } = plannedPlugin({ ...spec });
	return pluginDeployment(plan, surroundings, state, {});
};
const containerOf = (deployment: ReturnType<typeof built>) => deployment?.spec?.template.spec?.containers[0];

it("waits until the rollout tells it its first version", () => {
	expect(built({}, stateOf())).toBeUndefined();
});

it("runs the image that the rollout tells it, not the one that spec asks for", () => {
	expect(containerOf(built({ version: "2.0.0" }))?.image).toBe("plugins/it:1");
});

it.each([
	["two pods", {}, 2],
	["as many as spec says", { deployment: { replicas: 5 } }, 5],
	["none", { deployment: { replicas: 0 } }, 0],
])("has %s", (_, spec, replicas) => {
	expect(built(spec)?.spec?.replicas).toBe(replicas);
});

it("is selected by what its Service selects", () => {
	const { plan } = plannedPlugin();
	expect(built()?.spec?.selector.matchLabels).toEqual(plan.selector);
	expect(built()?.spec?.template.metadata?.labels).toMatchObject(plan.selector);
});

it.each([
	["whole seconds", { interval: "10s", timeout: "3s" }, 10, 3],
	["at least one", { interval: "500ms", timeout: "200ms" }, 1, 1],
	["rounded up", { interval: "2500ms", timeout: "1200ms" }, 3, 2],
])("is probed as the kubelet counts: %s", (_, check, periodSeconds, timeoutSeconds) => {
	const healthCheck = { ...check, grpc: { port: 9000, service: "plugin.Health" } };
	expect(containerOf(built({ healthCheck }))?.readinessProbe).toMatchObject({
		grpc: { port: 9000, service: "plugin.Health" },
		periodSeconds,
		timeoutSeconds,
	});
});
