import { expect, it } from "vitest";
import { patternRunnerChild } from "../../../hooks/prismstack/pattern-runner.ts";
import { proxyConfigMap } from "../../../hooks/prismstack/proxy-config-map.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const settingsOf = (...given: Parameters<typeof proxyConfigMap>): unknown =>
	JSON.parse(proxyConfigMap(...given).data?.["config.json"] ?? "");

it("has the proxies' ports, and where the control plane is", () => {
	expect(settingsOf(planned(), seeing())).toEqual({ stack: "it", port: 9090, adminPort: 8981, patterns: [] });
	expect(settingsOf(plannedAdmin().plan, seeing())).toMatchObject({ controlPlane: "it-admin.prism.svc:8981" });
});

it("lists runners that are there, and that clients can reach", () => {
	const patterns = ["b", "a", "none"].map((name) => ({
		name,
		type: "keyvalue",
		backend: "memstore",
		...(name === "none" && { service: { type: "None" } }),
	}));
	const plan = planned({ patterns });
	expect(settingsOf(plan, seeing())).toMatchObject({ patterns: [] });
	const runners = (plan.spec.patterns ?? []).map((pattern) => patternRunnerChild(plan, pattern, {}));
	const address = (name: string) => ({
		name,
		pattern: "keyvalue",
		backend: "memstore",
		address: `${name}.prism.svc:8080`,
	});
	expect(settingsOf(plan, seeing(...runners))).toMatchObject({ patterns: [address("a"), address("b")] });
	// One that is missing for a moment is about to be created again.
	const configured = proxyConfigMap(plan, seeing(...runners));
	expect(settingsOf(plan, seeing(configured))).toMatchObject({ patterns: [address("a"), address("b")] });
});
