import { expect, it } from "vitest";
import { stackServiceMonitor } from "../../../hooks/prismstack/service-monitor.ts";
import { planned } from "./planned.ts";

const ON = { serviceMonitors: true };
const metrics = (port: number) => ({ observability: { enabled: true, metrics: { port } } });

it("scrapes all that the stack runs", () => {
	const child = stackServiceMonitor(planned(metrics(9100), ON));
	expect(child?.metadata.name).toBe("it");
	expect(child?.spec).toEqual({
		selector: { matchLabels: { stack: "it" } },
		endpoints: [{ port: "metrics", path: "/metrics" }],
	});
});

it("scrapes the port that serves both", () => {
	expect(stackServiceMonitor(planned(metrics(9090), ON))?.spec.endpoints[0]?.port).toBe("grpc");
});

it("is not there without metrics, or where nobody reads it", () => {
	expect(stackServiceMonitor(planned({}, ON))).toBeUndefined();
	expect(stackServiceMonitor(planned(metrics(9100)))).toBeUndefined();
});
