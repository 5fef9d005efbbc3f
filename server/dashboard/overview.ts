import type { Journal } from "../journal.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { ago, duration, objectLink, seenAge, standingBadge, why, workloads } from "./parts.ts";
import { namespacesSection, pluginsSection } from "./sections.ts";
import { looseSection, shardsSection, stacksSection } from "./topology.ts";
import { type Cause, causesOf, standingOf, type View, viewOf } from "./view.ts";

// The first page: what needs somebody comes first, then what there is and how it hangs together.

export interface Surroundings {
	readonly journal: Journal;
	readonly clusterId: string;
	readonly startedAt: number;
	readonly now: number;
}

export const overview = ({ journal, clusterId, startedAt, now }: Surroundings): Html => {
	const view = viewOf(journal.sightings());
	const sections = [
		{ id: "stacks", text: "Stacks", show: view.stacks.length > 0, part: () => stacksSection(view, now) },
		{ id: "shards", text: "Shards", show: view.shards.length > 0, part: () => shardsSection(view, now) },
		{ id: "plugins", text: "Plugins", show: view.plugins.length > 0, part: () => pluginsSection(view, now) },
		{
			id: "namespaces",
			text: "Namespaces",
			show: view.namespaces.length > 0,
			part: () => namespacesSection(view, now),
		},
		{ id: "others", text: "Runners and backends", show: view.loose.length > 0, part: () => looseSection(view, now) },
	].filter(({ show }) => show);
	return page({
		title: titleOf(view),
		clusterId,
		nav: sections.map(({ id, text }) => ({ href: `#${id}`, text })),
		main: html`<h1 class="hidden">Prism on this cluster</h1>
${view.all.length === 0 ? nothingYet : [tally(view), problems(view, now), sections.map(({ part }) => part())]}`,
		footer: footer(journal, startedAt, now),
	});
};

const titleOf = ({ tally: { bad, waiting } }: View): string => {
	if (bad > 0) return `✖ ${bad} failing`;
	return waiting > 0 ? `… ${waiting} in progress` : "✔ all ready";
};

const nothingYet = html`<section aria-labelledby="empty"><h2 id="empty">Nothing has been seen yet</h2>
<p>This page shows what Metacontroller asks the operator's hooks about. It asks when an object changes, and every five minutes
even if none does. If it stays empty, no PrismStack exists yet, the calls go to another replica, or Metacontroller does not reach the operator.</p></section>`;

const tally = ({ tally: { bad, waiting, good } }: View): Html => html`<p class="tally">
<span class="${bad > 0 ? "bad" : "idle"}"><strong>${bad}</strong>failing</span>
<span class="${waiting > 0 ? "waiting" : "idle"}"><strong>${waiting}</strong>in progress</span>
<span class="${good > 0 ? "good" : "idle"}"><strong>${good}</strong>ready</span></p>`;

const MOST_PROBLEMS = 50;

const problems = (view: View, now: number): Html => {
	const { problems: list } = view;
	if (list.length === 0)
		return html`<section aria-labelledby="attention"><h2 id="attention" class="hidden">Not ready</h2>
<p class="calm">${standingBadge({ state: "good", word: "All is ready.", reason: "", message: "", since: "" })} ${counted(view.all.length)} seen, and none of them needs anybody.</p></section>`;
	const groups = causesOf(view);
	return html`<section class="problems" aria-labelledby="attention"><h2 id="attention">Not ready</h2>
<ol>${groups.slice(0, MOST_PROBLEMS).map((group) => problem(group, now))}</ol>
${groups.length > MOST_PROBLEMS && html`<p class="muted">and ${groups.length - MOST_PROBLEMS} more</p>`}</section>`;
};

const counted = (count: number): string => (count === 1 ? "1 object was" : `${count} objects were`);

const problem = ({ first, behind }: Cause, now: number): Html => {
	const standing = standingOf(first);
	return html`<li class="card ${standing.state}-edge"><header>
${standingBadge(standing)}<h3>${first.kind} ${objectLink(first)}</h3><span class="muted small">${first.namespace}</span>
<span class="age">${standing.since !== "" && html`${duration((now - Date.parse(standing.since)) / 1000)} so far · `}${seenAge(first, now)}</span></header>
${why(standing)}${workloads(first)}
${behind.length > 0 && html`<p class="mates muted">waiting for it: ${behind.map((owner) => html`${owner.kind} ${objectLink(owner)} `)}</p>`}</li>`;
};

const MIB = 1024 * 1024;

const footer = (
	journal: Journal,
	startedAt: number,
	now: number,
): Html => html`<p>Shown is what hooks were asked since this
replica started ${ago(startedAt, now)}. What is not asked about for 15 minutes is dropped; other replicas see what they are asked.
Last calls: ${(journal.bytes() / MIB).toFixed(1)} of at most ${Math.round(journal.limits.bytes / MIB)} MiB, without credentials.</p>`;
