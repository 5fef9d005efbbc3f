import type { ObjectSummary } from "../object-summary.ts";
import { type Html, html, type Part } from "./html.ts";
import { type Progress, type Standing, type State, standingOf } from "./view.ts";

// Building blocks of all pages.

/** They differ in shape as well as in color. */
const SYMBOLS: Readonly<Record<State, string>> = { good: "✔", waiting: "…", bad: "✖", idle: "·" };

export const badge = (state: State, word: string): Html =>
	html`<span class="state ${state}"><i aria-hidden="true">${SYMBOLS[state]}</i>${word}</span>`;

export const standingBadge = ({ state, word }: Standing): Html => badge(state, word);

export const objectPath = ({ kind, namespace, name }: Pick<ObjectSummary, "kind" | "namespace" | "name">): string =>
	`/object/${[kind, namespace, name].map(encodeURIComponent).join("/")}`;

export const objectLink = (seen: Pick<ObjectSummary, "kind" | "namespace" | "name">, text: Part = seen.name): Html =>
	html`<a href="${objectPath(seen)}">${text}</a>`;

/** An ID for an attribute, stable across refreshes. */
export const idOf = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join("-");

const UNITS = [
	["d", 86_400],
	["h", 3600],
	["min", 60],
	["s", 1],
] as const;

/** "12 s", "4 min", "3 h": one unit is precise enough. */
export const duration = (seconds: number): string => {
	const whole = Math.max(0, Math.round(seconds));
	const [unit, size] = UNITS.find(([, length]) => whole >= length * (length === 60 ? 2 : 1)) ?? ["s", 1];
	return `${Math.floor(whole / size)} ${unit}`;
};

/** Age of a time. */
export const ago = (at: number, now: number): Html | string =>
	Number.isNaN(at)
		? ""
		: html`<time datetime="${new Date(at).toISOString()}">${now - at < 2000 ? "just now" : `${duration((now - at) / 1000)} ago`}</time>`;

/** Age of a time in a status. */
export const since = (time: string | undefined, now: number): Html | string => ago(Date.parse(time ?? ""), now);

/** Longer than the resync period of an unchanged object. */
const STALE_MS = 6 * 60_000;

/** Time of the object's last call: the shown data is of that time. */
export const seenAge = ({ seenAt }: ObjectSummary, now: number): Html =>
	now - seenAt > STALE_MS
		? html`<span class="age"><strong>not seen for ${duration((now - seenAt) / 1000)}</strong></span>`
		: html`<span class="age">seen ${ago(seenAt, now)}</span>`;

export const progressBar = ({ done, of }: Progress, what: string): Html =>
	html`<progress max="${Math.max(of, 1)}" value="${Math.min(done, of)}" aria-label="${what}"></progress> ${done}/${of}`;

/** State, reason and message of an object with a problem. */
export const notReadyBecause = ({ reason, message }: Standing): Html | undefined =>
	reason === "" && message === ""
		? undefined
		: html`<p class="why">${reason !== "" && html`<code>${reason}</code> `}${message}</p>`;

export const otherConditions = ({ conditions }: ObjectSummary): Html[] =>
	conditions
		.filter(({ type, status }) => ["Warning", "Paused"].includes(type) && status === "True")
		.map(({ type, message }) => html`<p class="why small"><strong>${type}:</strong> ${message}</p>`);

/** The first items of a list, and the number of the others. */
export const firstOf = <Item>(
	items: readonly Item[],
	most: number,
	show: (item: Item) => Html,
	allAt?: string,
): Part[] => [
	...items.slice(0, most).map(show),
	items.length > most && html`<li class="muted"><span>${remaining(items.length - most, allAt)}</span></li>`,
];

/** The number of items that are not shown, and the search that lists all of them. */
export const moreThan = (most: number, { length }: readonly unknown[], allAt?: string): Part =>
	length > most && html`<p class="muted">${remaining(length - most, allAt)}</p>`;

const remaining = (count: number, allAt: string | undefined): Html =>
	html`and ${count} more${allAt !== undefined && html`: <a href="${allAt}">search</a>`}`;

/** State, and the reason if there is a problem. */
export const standingWithReason = (standing: Standing): Html =>
	html`${standingBadge(standing)}${standing.state !== "good" && standing.reason !== "" && html` <code>${standing.reason}</code>`}`;

/** Name and state; the problems section has the reason. */
export const cardHead = (seen: ObjectSummary, now: number): Html => html`<header>
<h3>${objectLink(seen)}</h3><span class="muted small">${seen.namespace}</span>
<span>${standingWithReason(standingOf(seen))}</span>${seenAge(seen, now)}
</header>`;

/** Rollouts in progress. */
export const workloads = ({ workloads: list }: ObjectSummary): Part => {
	const unfinished = list.filter(({ desired, updated, available }) => updated < desired || available < desired);
	if (unfinished.length === 0) return undefined;
	return html`<ul class="rows">${unfinished.map(
		({ kind, name, desired, updated, available }) =>
			html`<li><span class="small">${kind} <code>${name}</code></span>
<span class="small">${progressBar({ done: updated, of: desired }, `updated pods of ${name}`)} updated</span>
<span class="small">${progressBar({ done: available, of: desired }, `available pods of ${name}`)} available</span></li>`,
	)}</ul>`;
};
