import type { KubeObject } from "../../schemas/common.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import { readMachinery } from "../cluster/machinery.ts";
import { readOne, readView } from "../cluster/read.ts";
import type { Speech } from "../cluster/speech.ts";
import { type ClusterView, namespaceOf, viewOf } from "../cluster/view.ts";
import { redactedText } from "../report/redact.ts";
import { type Extra, keyOf, type Need, NOTHING_MORE } from "./diagnosis.ts";
import { type Diagnosis, diagnose } from "./index.ts";

// Reads what an explanation asks for, until it asks for nothing more.

/** A cause lies at most this many readings deep. */
const MOST_ROUNDS = 6;
const LOG_LINES = "5";

export interface Collected {
	readonly diagnosis: Diagnosis;
	readonly view: ClusterView;
}

export const collectWhy = async (
	kubectl: Kubectl,
	view: ClusterView,
	speech: Speech,
	object: KubeObject,
): Promise<Collected> => {
	let extra = NOTHING_MORE;
	let known = view;
	for (let round = 0; ; round += 1) {
		const subject = known.get(object.kind, namespaceOf(object), object.metadata.name) ?? object;
		const diagnosis = diagnose(known, extra, speech, subject);
		if (diagnosis.needs.length === 0 || round === MOST_ROUNDS) return { diagnosis, view: known };
		for (const need of new Map(diagnosis.needs.map((one) => [keyOf(one), one])).values()) {
			const more = await fetched(kubectl, need, extra);
			extra = more.extra;
			if (more.view !== undefined) known = merged(known, more.view);
		}
	}
};

interface Fetched {
	readonly extra: Extra;
	readonly view?: ClusterView;
}

const fetched = async (kubectl: Kubectl, need: Need, extra: Extra): Promise<Fetched> => {
	const key = keyOf(need);
	switch (need.need) {
		case "logs": {
			const container = need.container === undefined ? [] : ["-c", need.container];
			const args = [
				"logs",
				need.pod,
				"-n",
				need.namespace,
				...container,
				`--tail=${LOG_LINES}`,
				...(need.previous ? ["--previous"] : []),
			];
			const { code, stdout } = await kubectl.try(args);
			return {
				extra: { ...extra, logs: new Map([...extra.logs, [key, code === 0 ? redactedText(stdout) : undefined]]) },
			};
		}
		case "object": {
			const found = await readOne(kubectl, need.resource, need.name, need.namespace);
			return { extra: { ...extra, objects: new Map([...extra.objects, [key, found]]) } };
		}
		case "namespace": {
			const view = await readView(kubectl, { namespace: need.namespace }, { made: true, events: true }).catch(
				() => undefined,
			);
			const namespaces = new Set([...extra.namespaces, need.namespace]);
			return { extra: { ...extra, namespaces }, ...(view !== undefined && { view }) };
		}
		case "machinery":
			return { extra: { ...extra, machinery: await readMachinery(kubectl) } };
		default:
			return need satisfies never;
	}
};

/** What was read in two goes; what both have is taken from the first. */
const merged = (first: ClusterView, second: ClusterView): ClusterView => {
	const uids = new Set(first.objects.map(({ metadata }) => metadata.uid));
	const events = new Set(first.events.map(({ metadata }) => metadata.uid));
	return viewOf({
		objects: [...first.objects, ...second.objects.filter(({ metadata }) => !uids.has(metadata.uid))],
		events: [...first.events, ...second.events.filter(({ metadata }) => !events.has(metadata.uid))],
		now: first.now,
		notes: [...new Set([...first.notes, ...second.notes])],
	});
};
