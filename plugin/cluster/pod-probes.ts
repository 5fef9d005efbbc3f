import type { Pod } from "../../kube/types.ts";
import type { ClusterView } from "./cluster-view.ts";

export interface FailedProbe {
	/** readiness, liveness or startup. */
	readonly kind: string;
	readonly detail: string;
	readonly since: string | undefined;
}

/** The probe that failed last; only the message of the event names it. */
export const failedProbe = (pod: Pod, view: ClusterView): FailedProbe | undefined => {
	const event = view.eventsOn(pod).find(({ reason }) => reason === "Unhealthy");
	const { message = "", firstTimestamp } = event ?? {};
	if (event === undefined) return undefined;
	// oxlint-disable-next-line prism/no-message-as-meaning -- the event has no other field with the probe
	const [prefix = "", kind = "Readiness"] = /^(Readiness|Liveness|Startup) probe failed:\s*/.exec(message) ?? [];
	const detail = message.slice(prefix.length);
	return { kind: kind.toLowerCase(), detail, since: firstTimestamp ?? undefined };
};
