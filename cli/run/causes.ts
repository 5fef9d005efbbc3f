import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import type { Speech } from "../../plugin/cluster/command-lines.ts";
import type { Paint } from "../../plugin/text/paint.ts";
import { shown } from "../../plugin/why/command.ts";
import { NO_EXTRA } from "../../plugin/why/diagnosis.ts";
import { diagnose } from "../../plugin/why/index.ts";
import { whyLines } from "../../plugin/why/text.ts";
import type { KubeObject } from "../../schemas/common.ts";

// Why what `run` applied is not ready: the explanation of `kubectl prism why`, of what the cluster shows at the end.

export interface Shown {
	readonly objects: readonly KubeObject[];
	readonly now: string;
	readonly paint: Paint;
	/** undefined: no command reaches the cluster, and none is shown. */
	readonly speech: Speech | undefined;
}

/** One explanation for each object. */
export const causeLines = (roots: readonly KubeObject[], { objects, now, paint, speech }: Shown): string[][] => {
	const events = objects.filter(({ kind }) => kind === "Event");
	const view = viewOf({ objects: objects.filter(({ kind }) => kind !== "Event"), events, now });
	return roots.map((root) => {
		const diagnosis = shown(diagnose(view, NO_EXTRA, speech ?? { program: "kubectl prism", flags: [] }, root));
		const { finding } = diagnosis;
		return whyLines({ ...diagnosis, finding: finding && (speech ? finding : { ...finding, next: [] }) }, paint, now);
	});
};
