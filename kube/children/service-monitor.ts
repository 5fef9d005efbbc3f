import type { ObjectMeta } from "../../schemas/common.ts";
import type { Child } from "../types.ts";

/** The Prometheus operator's, as far as it is set here. */
interface ServiceMonitorSpec {
	selector: { matchLabels: Record<string, string> };
	endpoints: { port: string; path: string }[];
}
export type ServiceMonitor = Child<"monitoring.coreos.com/v1", "ServiceMonitor", { spec: ServiceMonitorSpec }>;

/** Prometheus scrapes the Services with these labels at the port of this name. */
export const serviceMonitor = (
	metadata: ObjectMeta,
	matchLabels: Readonly<Record<string, string>>,
	port: string,
): ServiceMonitor => ({
	apiVersion: "monitoring.coreos.com/v1",
	kind: "ServiceMonitor",
	metadata,
	spec: { selector: { matchLabels: { ...matchLabels } }, endpoints: [{ port, path: "/metrics" }] },
});
