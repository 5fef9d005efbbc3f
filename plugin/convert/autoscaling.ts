import { asList, asRecord, isRecord } from "../../kube/object.ts";
import { eachItem, type Fields, rewritten } from "./fields.ts";
import { changed, dropped, type Noted, type Path } from "./notes.ts";

// `autoscaling` of a PrismPattern. Both APIs have the metrics of autoscaling/v2.

/** The Go operator's default; KEDA's own is 30. */
const POLLING_SECONDS = 10;
/** The default of Kubernetes for an autoscaler without metrics. */
const DEFAULT_CPU_PERCENT = 80;

const CPU = "targetCPUUtilizationPercentage";
const MEMORY = "targetMemoryUtilizationPercentage";

export function* autoscalingOf(value: unknown, at: Path): Noted<unknown> {
	if (!isRecord(value)) return value;
	const enabled = value["enabled"] ?? false;
	if (!("enabled" in value))
		yield changed([...at, "enabled"], enabled, "it was not set, and the Go operator then created no autoscaler");
	const own = yield* rewritten({ enabled, ...value }, at, {
		*triggers(triggers, path) {
			return { triggers: yield* eachItem(triggerOf)(triggers, path) };
		},
	});
	return yield* complete(asRecord(own), at);
}

/** Makes defaults explicit: the Go operator and Kubernetes have other defaults. */
function* complete(own: Fields, at: Path): Noted<Fields> {
	if (own["enabled"] !== true) return own;
	if (own["scaler"] === "keda") {
		if ("pollingInterval" in own) return own;
		yield changed([...at, "pollingInterval"], POLLING_SECONDS, "it was not set, and the Go operator used this value");
		return { ...own, pollingInterval: POLLING_SECONDS };
	}
	if (CPU in own || MEMORY in own || asList(own["metrics"]).length > 0) return own;
	yield changed([...at, CPU], DEFAULT_CPU_PERCENT, "no metric was named, and Kubernetes then scales by that");
	return { ...own, [CPU]: DEFAULT_CPU_PERCENT };
}

// ── Triggers ────────────────────────────────────────────────────────────────────────────────────────────────────────

function* triggerOf(trigger: unknown, at: Path): Noted<unknown> {
	return yield* rewritten(trigger, at, {
		*authenticationRef(reference, path) {
			yield dropped(
				path,
				reference,
				"It named a Secret, and the Go operator did not pass it to KEDA. Here it names a TriggerAuthentication",
				"Create a TriggerAuthentication that reads the Secret, and name it here",
			);
			return undefined;
		},
	});
}
