import { expect, it } from "vitest";
import { adminConfigMap } from "../../../hooks/prismstack/admin-config-map.ts";
import { plannedAdmin, seeing } from "./planned.ts";

const settingsOf = (...given: Parameters<typeof plannedAdmin>): unknown => {
	const { plan, admin } = plannedAdmin(...given);
	const child = adminConfigMap(plan, admin, seeing());
	expect(child.metadata.name).toBe("it-admin");
	return JSON.parse(child.data?.["config.json"] ?? "");
};

it("has the settings of the contract, and those that the program reads", () => {
	expect(settingsOf({ port: 9000 })).toEqual({
		stack: "it",
		port: 9000,
		storage: { db: "sqlite:///var/lib/prism-admin/admin.db" },
		cluster: { data_dir: "/var/lib/prism-admin/raft" },
		control_plane: { listen: 9000 },
	});
});

it("has metrics and traces where the stack observes", () => {
	const observability = { enabled: true, metrics: { port: 9100 }, tracing: { endpoint: "http://tempo:4317" } };
	expect(settingsOf({}, { observability })).toMatchObject({
		metrics: { port: 9100 },
		server: { metrics_port: 9100 },
		tracing: { endpoint: "http://tempo:4317" },
	});
});

it("has the port of the members of a cluster", () => {
	expect(settingsOf({ replicas: 3, storage: {} })).toMatchObject({ port: 8980, control_plane: { listen: 8980 } });
});
