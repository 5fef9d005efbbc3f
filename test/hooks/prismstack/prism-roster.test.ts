import { expect, it } from "vitest";
import { leavingRoster, refreshedRoster, stackRoster } from "../../../hooks/prismstack/prism-roster.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

it("is named as the proxies, and takes namespaces", () => {
	const child = stackRoster(planned({ proxy: { adminPort: 9500 } }), seeing());
	expect(child.metadata).toMatchObject({ name: "it-proxy", labels: { app: "prism-proxy" } });
	expect(child.spec).toMatchObject({ port: 9500, accepting: true, draining: false, deleting: false, instances: [] });
	expect(child.spec.controlPlane).toBeUndefined();
});

it("names the control plane, and the backends in order", () => {
	const backends = ["redis", "nats"].map((name) => ({ name, type: "any", connectionString: `${name}://${name}` }));
	const child = stackRoster(plannedAdmin({}, { backends }).plan, seeing());
	expect(child.spec).toMatchObject({ controlPlane: { service: "it-admin", port: 8981 }, backends: ["nats", "redis"] });
});

it("is read again while the stack's spec is not carried out", () => {
	const there = stackRoster(planned(), seeing());
	const stale = { ...there, spec: { ...there.spec, instances: [{ name: "gone", ready: true }] } };
	expect(refreshedRoster(seeing())(stale)).toEqual(there);
});

it("takes none on its way out", () => {
	expect(leavingRoster(stackRoster(planned(), seeing()))["spec"]).toMatchObject({
		accepting: false,
		draining: true,
		deleting: true,
	});
});
