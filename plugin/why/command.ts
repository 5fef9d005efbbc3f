import { redactedText } from "../../kube/redaction.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type ClusterView, namespaceOf, viewOf } from "../cluster/cluster-view.ts";
import type { Speech } from "../cluster/command-lines.ts";
import { type GivenFlags, type Session, whereOf } from "../cluster/context.ts";
import { readMachinery } from "../cluster/installation.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import { namedIn } from "../cluster/patches.ts";
import { readOne, readServed, readView, unreadNamespace, withLabels } from "../cluster/read-cluster.ts";
import { hanging } from "../text/paint.ts";
import { complain } from "../text/print.ts";
import { type Known, keyOf, type Need, NO_EXTRA, named } from "./diagnosis.ts";
import { causesIn } from "./first-causes.ts";
import { type Diagnosis, diagnose } from "./index.ts";
import { permitted, type RulesByNamespace, rulesIn } from "./permissions.ts";
import { whyData, whyLines } from "./text.ts";

// `why`: reads, explains, reads what the explanation still needs until it needs nothing more, and prints.

export const why = async (session: Session, words: readonly string[], { output }: GivenFlags): Promise<number> => {
	const { kubectl, paint, speech } = session;
	const view = await readView(kubectl, session.scope, { made: true, events: true });
	const among = await withLabels(kubectl, session.scope, view);
	const groups =
		words.length === 0 ? causesIn(view, among) : namedIn(view, words, among).map((cause) => ({ cause, behind: [] }));
	if (groups.length === 0 && output !== "json")
		session.print([`all Prism objects are ready ${await whereOf(session)}`, ...view.notes.map((note) => `! ${note}`)]);
	const all: Diagnosis[] = [];
	let known = initial(view);
	for (const { cause, behind } of groups) {
		const { diagnosis: found, known: read } = await collectWhy(kubectl, known, speech, cause);
		known = read;
		const waiting = behind.length === 0 ? [] : [`waiting for it: ${behind.map(named).join(", ")}`];
		const diagnosis = { ...found, also: [...found.also, ...waiting] };
		all.push(diagnosis);
		if (output !== "json") session.print([...(all.length > 1 ? [""] : []), ...whyLines(diagnosis, paint, view.now)]);
	}
	const data = all.map(whyData);
	const { notes } = known.view;
	if (output === "json") {
		session.json(words.length > 0 && data.length === 1 ? data[0] : data);
		for (const note of notes) complain(`warning: ${note}`);
	} else if (all.length > 0 && notes.length > 0)
		session.print(["", ...notes.flatMap((note) => hanging(note, "! ", "  ", paint))]);
	return all.some(({ finding }) => finding !== undefined) ? 2 : 0;
};

/** Maximum number of reads to find a cause. */
const MOST_ROUNDS = 6;
const LOG_LINES = "5";

/** Everything that was read so far; the explanation of the next object reuses it. */
interface Collected extends Pick<Known, "view" | "extra"> {
	readonly rules: RulesByNamespace;
}

export const initial = (view: ClusterView): Collected => ({ view, extra: NO_EXTRA, rules: new Map() });

export const collectWhy = async (kubectl: Kubectl, initialData: Collected, speech: Speech, object: KubeObject) => {
	let known = initialData;
	for (let round = 0; ; round += 1) {
		const subject = known.view.get(object.kind, namespaceOf(object), object.metadata.name) ?? object;
		const diagnosis = diagnose(known.view, known.extra, speech, subject);
		if (diagnosis.needs.length === 0 || round === MOST_ROUNDS) {
			known = await withRules(kubectl, known, diagnosis);
			return { diagnosis: shown(allowed(diagnosis, known)), known };
		}
		for (const need of new Map(diagnosis.needs.map((one) => [keyOf(one), one])).values())
			known = { ...known, ...(await fetched(kubectl, need, known)) };
	}
};

/** With the rules for all namespaces in which its commands run. */
const withRules = async (kubectl: Kubectl, known: Collected, { finding }: Diagnosis): Promise<Collected> => {
	const needed = (finding?.next ?? []).flatMap(({ permissions = [] }) => permissions.map(({ namespace }) => namespace));
	const unread = [...new Set(needed)].filter((namespace) => !known.rules.has(namespace));
	const read = unread.map(async (namespace) => [namespace, await rulesIn(kubectl, namespace)] as const);
	return unread.length === 0 ? known : { ...known, rules: new Map([...known.rules, ...(await Promise.all(read))]) };
};

const allowed = ({ finding, ...diagnosis }: Diagnosis, { rules }: Collected): Diagnosis => ({
	...diagnosis,
	finding: finding && { ...finding, next: finding.next.map((advice) => permitted(advice, rules)) },
});

/** Messages of containers and conditions can quote credentials. */
export const shown = ({ finding, ...diagnosis }: Diagnosis): Diagnosis => ({
	...diagnosis,
	message: redactedText(diagnosis.message),
	also: diagnosis.also.map(redactedText),
	finding: finding && {
		...finding,
		cause: redactedText(finding.cause),
		details: finding.details.map(({ title, lines }) => ({ title, lines: lines.map(redactedText) })),
	},
});

const fetched = async (kubectl: Kubectl, need: Need, { view, extra }: Collected): Promise<Partial<Collected>> => {
	const key = keyOf(need);
	switch (need.need) {
		case "logs": {
			const container = need.container === undefined ? [] : ["-c", need.container];
			const which = [...container, `--tail=${LOG_LINES}`, ...(need.previous ? ["--previous"] : [])];
			const { code, stdout } = await kubectl.try(["logs", need.pod, "-n", need.namespace, ...which]);
			const text = code === 0 ? redactedText(stdout) : undefined;
			return { extra: { ...extra, logs: new Map([...extra.logs, [key, text]]) } };
		}
		case "object": {
			const found = await readOne(kubectl, need.resource, need.name, need.namespace);
			return { extra: { ...extra, objects: new Map([...extra.objects, [key, found]]) } };
		}
		case "namespace": {
			const read = readView(kubectl, { namespace: need.namespace }, { made: true, events: true });
			const merged = await read
				.then((more) => mergedViews(view, more))
				.catch(() => unreadNamespace(view, need.namespace));
			return { extra: { ...extra, namespaces: new Set([...extra.namespaces, need.namespace]) }, view: merged };
		}
		case "machinery":
			return { extra: { ...extra, machinery: await readMachinery(kubectl) } };
		case "served":
			return { extra: { ...extra, served: (await readServed(kubectl)) ?? new Set() } };
		case "rights": {
			const rules = await rulesIn(kubectl, undefined, need.account);
			return { extra: { ...extra, rights: new Map([...extra.rights, [need.account, rules]]) } };
		}
		default:
			return need satisfies never;
	}
};

/** Merges two reads; the first one has precedence. */
const mergedViews = (first: ClusterView, second: ClusterView): ClusterView => {
	const uids = new Set(first.objects.map(({ metadata }) => metadata.uid));
	const events = new Set(first.events.map(({ metadata }) => metadata.uid));
	return viewOf({
		objects: [...first.objects, ...second.objects.filter(({ metadata }) => !uids.has(metadata.uid))],
		events: [...first.events, ...second.events.filter(({ metadata }) => !events.has(metadata.uid))],
		now: first.now,
		notes: [...new Set([...first.notes, ...second.notes])],
		unread: [...first.unread, ...second.unread],
	});
};
