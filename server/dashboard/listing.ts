import type { ObjectSummary } from "../object-summary.ts";
import { constantMarkup, type Html, html, type Part } from "./html.ts";
import { page } from "./page.ts";
import { objectLink, seenAge, standingWithReason } from "./parts.ts";
import { placesOf, STATE_WORDS, standingOf, type View, WORST_FIRST, worstFirst } from "./view.ts";

// All objects, searched by name, kind, namespace and state, with pagination. It works without the script.

export interface Query {
	/** A part of the name, of the namespace, of the reason, or of a placement. */
	readonly text: string;
	readonly kind: string;
	readonly namespace: string;
	readonly state: string;
	/** The first is 1. */
	readonly page: number;
}

const LONGEST_TEXT = 253;

export const queryOf = (parameters: URLSearchParams): Query => {
	const text = (name: string) => (parameters.get(name) ?? "").trim().slice(0, LONGEST_TEXT);
	const number = Number(parameters.get("page") ?? 1);
	return {
		text: text("q"),
		kind: text("kind"),
		namespace: text("namespace"),
		state: text("state"),
		page: Number.isInteger(number) && number > 0 ? number : 1,
	};
};

const PER_PAGE = 100;

/** The objects that match a query, worst first. */
export const picked = ({ all }: Pick<View, "all">, { text, kind, namespace, state }: Query): ObjectSummary[] => {
	const wanted = text.toLowerCase();
	const found = all
		.filter((seen) => (kind === "" || seen.kind === kind) && (namespace === "" || seen.namespace === namespace))
		.map((seen) => ({ seen, standing: standingOf(seen) }))
		.filter(({ standing }) => state === "" || standing.state === state)
		.filter(({ seen, standing: { reason } }) => textOf(seen, reason).toLowerCase().includes(wanted));
	return worstFirst(found.map(({ seen }) => seen));
};

const textOf = ({ namespace, name, details }: ObjectSummary, reason: string): string => {
	const places = details.of === "PrismNamespace" ? placesOf(details) : [];
	return [`${namespace}/${name}`, reason, ...places.map(({ roster }) => roster)].join(" ");
};

export const listingPath = (query: Partial<Query>): string => {
	const { text = "", kind = "", namespace = "", state = "", page: number = 1 } = query;
	const given = Object.entries({ q: text, kind, namespace, state, page: number === 1 ? "" : String(number) });
	const parameters = new URLSearchParams(given.filter(([, value]) => value !== ""));
	return parameters.size === 0 ? "/objects" : `/objects?${parameters.toString()}`;
};

export interface ListingInput {
	readonly view: View;
	readonly query: Query;
	readonly clusterId: string;
	readonly replica: string;
	readonly now: number;
	readonly footer: Part;
}

export const listing = ({ view, query, clusterId, replica, now, footer }: ListingInput): Html => {
	const found = picked(view, query);
	const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
	const number = Math.min(query.page, pages);
	const shown = found.slice((number - 1) * PER_PAGE, number * PER_PAGE);
	return page({
		title: "Objects",
		clusterId,
		replica,
		nav: [],
		main: html`<p class="crumbs"><a href="/" id="back">← Overview</a></p><h1>Objects</h1>
${searchForm(view, query)}
<p id="found">${found.length} of ${view.all.length} objects of this replica${pages > 1 && `, page ${number} of ${pages}`}${found.length < view.all.length && html` · <a href="/objects">list all</a>`}</p>
${shown.length > 0 && table(shown, now)}${pager({ ...query, page: number }, pages)}`,
		footer,
	});
};

const option = (value: string, text: string, chosen: string): Html =>
	html`<option value="${value}"${value === chosen && constantMarkup(" selected")}>${text}</option>`;

/** Also used by other pages that link here. */
export const searchForm = ({ all }: Pick<View, "all">, query: Partial<Query> = {}): Html => {
	const kinds = [...new Set(all.map(({ kind }) => kind))].toSorted();
	const namespaces = [...new Set(all.map(({ namespace }) => namespace))].toSorted();
	return html`<form class="search" action="/objects" method="get" role="search">
<label>Text <input type="search" name="q" id="q" placeholder="name, reason, placement" value="${query.text ?? ""}"></label>
<label>Kind <select name="kind" id="kind">${option("", "all", query.kind ?? "")}${kinds.map((kind) => option(kind, kind, query.kind ?? ""))}</select></label>
<label>Namespace <input name="namespace" id="namespace" list="namespaces-seen" value="${query.namespace ?? ""}"></label>
<datalist id="namespaces-seen">${namespaces.slice(0, MOST_OFFERED).map((name) => html`<option value="${name}"></option>`)}</datalist>
<label>State <select name="state" id="state">${option("", "all", query.state ?? "")}${WORST_FIRST.map((state) => option(state, STATE_WORDS[state], query.state ?? ""))}</select></label>
<button type="submit" id="search">Search</button></form>`;
};

const MOST_OFFERED = 500;

const table = (shown: readonly ObjectSummary[], now: number): Html =>
	html`<div class="card"><table class="stack"><caption class="hidden">Objects, the worst first</caption><thead><tr><th scope="col">Object</th><th scope="col">State</th><th scope="col">Message</th><th scope="col">Seen</th></tr></thead>
<tbody>${shown.map((seen) => {
		const standing = standingOf(seen);
		return html`<tr><td class="name">${seen.kind} ${objectLink(seen)} <span class="muted small">${seen.namespace}</span></td>
<td>${standingWithReason(standing)}</td><td class="text">${standing.state !== "good" && html`<bdi>${standing.message}</bdi>`}</td><td>${seenAge(seen, now)}</td></tr>`;
	})}</tbody></table></div>`;

const pager = (query: Query, pages: number): Part => {
	if (pages < 2) return undefined;
	const link = (number: number, text: string) =>
		number >= 1 &&
		number <= pages &&
		html`<a href="${listingPath({ ...query, page: number })}" id="${text}">${text}</a>`;
	return html`<nav aria-label="Pages" class="pager">${query.page > 2 && link(1, "first")} ${link(query.page - 1, "previous")} ${link(query.page + 1, "next")} ${query.page < pages - 1 && link(pages, "last")}</nav>`;
};
