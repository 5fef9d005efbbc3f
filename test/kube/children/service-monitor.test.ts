import { expect, it } from "vitest";
import { serviceMonitor } from "../../../kube/children/service-monitor.ts";

it("scrapes /metrics at a named port of the Services with its labels", () => {
	expect(serviceMonitor({ name: "it" }, { stack: "it" }, "metrics")).toEqual({
		apiVersion: "monitoring.coreos.com/v1",
		kind: "ServiceMonitor",
		metadata: { name: "it" },
		spec: { selector: { matchLabels: { stack: "it" } }, endpoints: [{ port: "metrics", path: "/metrics" }] },
	});
});
