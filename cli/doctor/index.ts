import type { Speech } from "../cluster/speech.ts";
import { redactedText } from "../report/redact.ts";
import { controllers } from "./controllers.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { figures, hooks } from "./hooks.ts";
import { clusterVersion, kinds } from "./kinds.ts";
import { metacontroller } from "./metacontroller.ts";
import { objects } from "./objects.ts";

/** Every finding, from what all else stands on upwards. */
export const examined = (facts: Facts, speech: Speech): Finding[] =>
	[
		clusterVersion(facts),
		...kinds(facts),
		...metacontroller(facts),
		...controllers(facts),
		...hooks(facts),
		...figures(facts),
		...objects(facts, speech),
	].map((finding) => ({
		...finding,
		says: redactedText(finding.says),
		...(finding.details && { details: finding.details.map(redactedText) }),
	}));
