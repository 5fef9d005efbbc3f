import { expect, it } from "vitest";
import { pluginService } from "../../../hooks/prismplugin/service.ts";
import { plannedPlugin } from "../plans.ts";

it("leads shards to the plugin's port, inside the cluster", () => {
	const { plan, surroundings } = plannedPlugin({ healthCheck: { grpc: { port: 9000 } } });
	expect(pluginService(plan, surroundings)).toMatchObject({
		metadata: { name: "it-plugin", namespace: "prism" },
		spec: {
			type: "ClusterIP",
			selector: { app: "prism-plugin", plugin: "it" },
			ports: [{ name: "grpc", port: 9000, targetPort: "grpc" }],
		},
	});
});
