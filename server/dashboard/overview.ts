import { compact } from "../../kube/object.ts";
import { counted } from "../../schemas/messages/words.ts";
import type { CallHistory } from "../call-history.ts";
import type { ObjectSummary } from "../object-summary.ts";
import { type Html, html, type Part } from "./html.ts";
import { listingPath, searchForm } from "./listing.ts";
import { page } from "./page.ts";
import {
	ago,
	duration,
	idOf,
	moreThan,
	notReadyBecause,
	objectLink,
	seenAge,
	standingBadge,
	workloads,
} from "./parts.ts";
import { namespacesSection, pluginsSection } from "./sections.ts";
import { looseSection, shardsSection, stacksSection } from "./topology.ts";
import { type Cause, causesOf, STATE_WORDS, type State, standingOf, type View, viewOf } from "./view.ts";

// The first page: objects that need a user come first, then all objects and their relations.

export interface OverviewInput {
	readonly history: CallHistory;
	readonly clusterId: string;
	readonly replica: string;
	readonly startedAt: number;
	readonly now: number;
}

export const overview = (input: OverviewInput): Html => {
	const { history, clusterId, replica, now } = input;
	const view = viewOf(history.summaries());
	const sections = [
		{ id: "stacks", text: "Stacks", shown: view.stacks, section: stacksSection },
		{ id: "shards", text: "Shards", shown: view.shards, section: shardsSection },
		{ id: "plugins", text: "Plugins", shown: view.plugins, section: pluginsSection },
		{ id: "namespaces", text: "Namespaces", shown: view.namespaces, section: namespacesSection },
		{ id: "others", text: "Runners and backends", shown: view.loose, section: looseSection },
	].filter(({ shown }) => shown.length > 0);
	return page({
		title: titleOf(view),
		clusterId,
		replica,
		nav: [
			...sections.map(({ id, text }) => ({ href: `#${id}`, text })),
			{ href: listingPath({}), text: "All objects" },
		],
		main: html`<h1 class="hidden">Prism on this cluster</h1>
${view.all.length === 0 ? nothingYet(replica) : [tally(view), seenBy(view, replica), notCounted(history), problems(view, now), searchForm(view), sections.map(({ section }) => section(view, now))]}`,
		footer: footer(input),
	});
};

const titleOf = ({ tally: { bad, waiting } }: View): string => {
	if (bad > 0) return `✖ ${bad} ${STATE_WORDS.bad}`;
	return waiting > 0 ? `… ${waiting} ${STATE_WORDS.waiting}` : "✔ all ready";
};

const nothingYet = (
	replica: string,
): Html => html`<section aria-labelledby="empty"><h2 id="empty">No webhook calls yet</h2>
<p>This page shows the webhook calls that Metacontroller sends to replica ${replica}. It sends one when an object changes, and one every five minutes
even if none does. If this page stays empty, no PrismStack exists yet, the calls go to another replica, or Metacontroller does not reach the operator.</p></section>`;

const tally = ({ tally: { bad, waiting, idle, good } }: View): Html => html`<p class="tally">
${counter("bad", bad)}
${counter("waiting", waiting)}
${idle > 0 && counter("idle", idle)}
${counter("good", good)}</p>`;

const counter = (state: State, count: number): Html =>
	count === 0
		? html`<span class="idle"><strong>0</strong>${STATE_WORDS[state]}</span>`
		: html`<a class="${state}" href="${listingPath({ state })}"><strong>${count}</strong>${STATE_WORDS[state]}</a>`;

/** A replica does not know the number of replicas, nor what Metacontroller sends to them. */
const seenBy = ({ all }: View, replica: string): Html =>
	html`<p class="muted small" id="seen-by">Of ${all.length === 1 ? "the 1 object" : `the ${all.length} objects`} that Metacontroller sent to replica <b class="replica">${replica}</b> in the last 15 minutes. Each replica shows its own part.</p>`;

/** What the totals omit. */
const notCounted = (history: CallHistory): Part => {
	const { objects, orMore, calls } = history.uncounted();
	const left = compact([
		objects > 0 && `${objects} ${orMore ? "or more " : ""}objects with recent calls, for which there is no space`,
		calls > 0 && `${calls} calls that arrived faster than the dashboard stores them`,
	]);
	return left.length > 0 && html`<p class="why" id="uncounted">Not counted: ${left.join("; ")}.</p>`;
};

const MOST_PROBLEMS = 50;

const problems = (view: View, now: number): Html => {
	const { problems: list } = view;
	if (list.length === 0)
		return html`<section aria-labelledby="attention"><h2 id="attention" class="hidden">Not ready</h2>
<p class="calm">${standingBadge({ state: "good", word: "All objects of this replica are ready.", reason: "", message: "", since: "" })} ${counted(view.all.length, "object")} seen, none needs a fix.</p></section>`;
	const groups = alike(causesOf(view));
	return html`<section class="problems" aria-labelledby="attention"><h2 id="attention">Not ready</h2>
<ol>${groups.slice(0, MOST_PROBLEMS).map((group) => problem(group, now))}</ol>
${groups.length > MOST_PROBLEMS && html`<p class="muted">and ${groups.length - MOST_PROBLEMS} more causes: <a href="${listingPath({ state: "bad" })}">all that fail</a>, <a href="${listingPath({ state: "waiting" })}">all in progress</a></p>`}</section>`;
};

/** Causes of one kind with the same reason and message: they share a card. */
const alike = (causes: readonly Cause[]): readonly Cause[][] => {
	const groups = new Map<string, Cause[]>();
	for (const cause of causes) {
		const { state, reason, message } = standingOf(cause.first);
		const key = JSON.stringify([cause.first.kind, state, reason, message || cause.first]);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [cause]);
		else group.push(cause);
	}
	return [...groups.values()];
};

const problem = ([cause, ...others]: readonly Cause[], now: number): Part => {
	if (cause === undefined) return undefined;
	const { first, behind } = cause;
	const standing = standingOf(first);
	return html`<li class="card ${standing.state}-edge"><header>
${standingBadge(standing)}<h3>${first.kind} ${objectLink(first)}</h3><span class="muted small">${first.namespace}</span>
<span class="age">${standing.since !== "" && html`${duration((now - Date.parse(standing.since)) / 1000)} · `}${seenAge(first, now)}</span></header>
${notReadyBecause(standing)}${workloads(first)}
${collapsed(
	"alike",
	first,
	others.map((other) => other.first),
	"more with the same message",
)}
${echoes(first, [...behind, ...others.flatMap((other) => other.behind)])}</li>`;
};

/** More of them are collapsed. */
const MOST_ECHOES = 5;
const MOST_LINKED = 200;

/** Objects that only wait for a cause. */
const echoes = (first: ObjectSummary, behind: readonly ObjectSummary[]): Part => {
	if (behind.length === 0) return undefined;
	if (behind.length <= MOST_ECHOES) return html`<p class="mates muted">waiting for it: ${linksFrom(first, behind)}</p>`;
	return collapsed("waiting", first, behind, "objects wait for it");
};

const collapsed = (what: string, first: ObjectSummary, list: readonly ObjectSummary[], text: string): Part =>
	list.length > 0 &&
	html`<details id="${idOf(what, first.kind, first.namespace, first.name)}"><summary>${list.length} ${text}</summary><p class="mates muted">${linksFrom(first, list)}</p>${moreThan(MOST_LINKED, list)}</details>`;

/** With its namespace, if that is another one. */
const linksFrom = (first: ObjectSummary, list: readonly ObjectSummary[]): Html[] =>
	list
		.slice(0, MOST_LINKED)
		.map(
			(seen) =>
				html`${seen.kind} ${objectLink(seen, `${seen.namespace === first.namespace ? "" : `${seen.namespace}/`}${seen.name}`)} `,
		);

const MIB = 1024 * 1024;

export const footer = ({ history, replica, startedAt, now }: OverviewInput): Html =>
	html`<p>Replica <b class="replica">${replica}</b> shows the webhook calls that Metacontroller sent to it since it
started ${ago(startedAt, now)}. It drops an object after 15 minutes without a call. Other replicas show their own calls.
Last calls: ${(history.bytes() / MIB).toFixed(1)} of at most ${Math.round(history.limits.bytes / MIB)} MiB, without credentials.</p>`;
