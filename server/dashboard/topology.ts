import type { Part as SeenPart } from "../facts.ts";
import type { Sighting } from "../sighting.ts";
import { type Html, html, type Part } from "./html.ts";
import { badge, cardHead, firstOf, idOf, objectLink, otherConditions, standingBadge } from "./parts.ts";
import { type ShardView, type StackView, standingOf, type View } from "./view.ts";

// Stacks and shards, each with what it consists of.

const MOST = 40;

/** Making a page keeps hooks waiting: of very many there are the ones that are not well, and the first of the others. */
const MOST_CARDS = 50;

const cards = <Item>(items: readonly Item[], seenOf: (item: Item) => Sighting, show: (item: Item) => Html): Part => {
	const isWell = (item: Item) => standingOf(seenOf(item)).state === "good";
	const sorted =
		items.length <= MOST_CARDS ? items : [...items.filter((item) => !isWell(item)), ...items.filter(isWell)];
	return [
		...sorted.slice(0, MOST_CARDS).map(show),
		items.length > MOST_CARDS && html`<p class="muted">and ${items.length - MOST_CARDS} more</p>`,
	];
};

export const stacksSection = (view: View, now: number): Html => html`<section aria-labelledby="stacks">
<h2 id="stacks" tabindex="-1">Stacks</h2>${cards(
	view.stacks,
	({ stack }) => stack,
	(stack) => stackCard(stack, view, now),
)}</section>`;

const stackCard = ({ stack, namespaces }: StackView, view: View, now: number): Html => {
	const { facts } = stack;
	const part = (kind: string, { name, ready, phase, reason }: SeenPart, more?: Part): Html => {
		const seen = view.find(kind, stack.namespace, name);
		const told = ready
			? badge("good", "Ready")
			: badge(["Failed", "Degraded"].includes(phase) ? "bad" : "waiting", reason === "" ? phase || "Pending" : reason);
		return html`<li>${told}<span>${seen === undefined ? name : objectLink(seen)}${more}</span></li>`;
	};
	const asked = new Set(facts.namespaces.map(({ name }) => name));
	return html`<article class="card">${cardHead(stack, now)}
${otherConditions(stack)}
${folded(
	stack,
	view.stacks.length,
	html`<div class="flow">
<div><h4>Proxies ${facts.proxy !== "" && html`<span class="mono">${facts.proxy}</span>`}</h4><ul class="rows">${firstOf(facts.instances, MOST, instance)}
${facts.admin !== "" && html`<li>${ratioBadge(facts.admin)}<span>admin <span class="mono">${facts.admin}</span></span></li>`}</ul></div>
<div><h4>Patterns</h4>${listOr(
		firstOf(facts.patterns, MOST, (entry) => {
			const seen = view.find("PatternRunner", stack.namespace, entry.name);
			return part("PatternRunner", entry, runnerTarget(seen));
		}),
		"no patterns",
	)}</div>
<div><h4>Backends</h4>${listOr(
		firstOf(facts.backends, MOST, (entry) => {
			const seen = view.find("BackendConfig", stack.namespace, entry.name);
			return part("BackendConfig", entry, providerOf(seen));
		}),
		"none that need a connection",
	)}</div>
<div><h4>Namespaces</h4>${listOr(
		[
			...firstOf(namespaces, MOST, (seen) => namespaceRow(seen)),
			...firstOf(
				facts.namespaces.filter(({ name }) => !namespaces.some((seen) => seen.name === name)),
				MOST,
				(entry) => part("PrismNamespace", entry),
			),
		],
		asked.size === 0 ? "none on its proxies" : "",
	)}</div>
</div>`,
)}</article>`;
};

/** Of many, the ones that are well show what they consist of when they are asked. */
const MOST_UNFOLDED = 6;

const folded = (seen: Sighting, count: number, body: Html): Html =>
	count <= MOST_UNFOLDED || standingOf(seen).state !== "good"
		? body
		: html`<details id="${idOf("parts", seen.kind, seen.namespace, seen.name)}"><summary>What it consists of</summary>${body}</details>`;

/** "→ nats": by its BackendConfig where it has one, or else what its pattern runs on. */
const runnerTarget = (seen: Sighting | undefined): Part => {
	if (seen?.facts.of !== "PatternRunner") return undefined;
	const { backend, backendConfig } = seen.facts;
	const target = backendConfig === "" ? backend : backendConfig;
	return html` <span class="to"><span aria-hidden="true">→</span><span class="hidden">on</span> ${target}</span>`;
};

const providerOf = (seen: Sighting | undefined): Part =>
	seen?.facts.of === "BackendConfig" && seen.facts.provider !== "" && seen.facts.provider !== seen.name
		? html` <span class="to">${seen.facts.provider}</span>`
		: undefined;

const listOr = (items: readonly Part[], otherwise: string): Html =>
	items.some((item) => item !== undefined && item !== false)
		? html`<ul class="rows">${items}</ul>`
		: html`<p class="muted small">${otherwise}</p>`;

const instance = ({ name, ready }: { name: string; ready: boolean }): Html =>
	html`<li>${badge(ready ? "good" : "waiting", ready ? "Ready" : "Not ready")}<span class="mono">${name}</span></li>`;

const ratioBadge = (ratio: string): Html => {
	const [ready, desired] = ratio.split("/");
	return ready === desired ? badge("good", "Ready") : badge("waiting", "Not ready");
};

const namespaceRow = (seen: Sighting): Html => {
	const standing = standingOf(seen);
	return html`<li>${standingBadge(standing)}<span>${objectLink(seen)}</span></li>`;
};

// ── Shards ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const shardsSection = (view: View, now: number): Html => html`<section aria-labelledby="shards">
<h2 id="shards" tabindex="-1">Shards</h2>${cards(
	view.shards,
	({ shard }) => shard,
	(shard) => shardCard(shard, view.shards.length, now),
)}</section>`;

const shardCard = ({ shard, namespaces }: ShardView, count: number, now: number): Html => {
	const { facts } = shard;
	const load = [
		facts.pods !== "" && html`<span><b>${facts.pods}</b> pods ready</span>`,
		facts.namespaces !== undefined &&
			html`<span><b>${facts.namespaces}${facts.capacity !== undefined && `/${facts.capacity}`}</b> namespaces held</span>`,
		facts.requestsPerSecond !== undefined && html`<span><b>${facts.requestsPerSecond}</b> requests/s</span>`,
		facts.p99 !== "" && html`<span><b>${facts.p99}</b> p99</span>`,
		facts.weight !== undefined && html`<span>weight <b>${facts.weight}</b></span>`,
		facts.backends.length > 0 && html`<span>serves <b>${facts.backends.join(", ")}</b></span>`,
		facts.draining && html`<span><b>draining</b></span>`,
		!facts.accepting && !facts.draining && html`<span><b>takes no new namespaces</b></span>`,
	];
	return html`<article class="card">${cardHead(shard, now)}
<p class="facts">${load}</p>
${otherConditions(shard)}
${folded(
	shard,
	count,
	html`<div class="flow three">
<div><h4>Instances</h4>${listOr(firstOf(facts.instances, MOST, instance), "none yet")}</div>
<div><h4>Plugins in each</h4>${listOr(firstOf(facts.plugins, MOST, plugin(shard)), "no plugins")}</div>
<div><h4>Namespaces</h4>${listOr(firstOf(namespaces, MOST, namespaceRow), "none was seen")}</div>
</div>`,
)}</article>`;
};

const plugin =
	({ namespace }: Sighting) =>
	({ name, version, pinned, ready, desired, unready }: ShardPluginFacts): Html =>
		html`<li>${badge(ready >= desired ? "good" : "waiting", `${ready}/${desired}`)}<span>${objectLink({ kind: "PrismPlugin", namespace, name })}
<span class="mono">${version}</span>${pinned && html` <span class="to">pinned</span>`}</span>${unready !== "" && html`<span class="small">${unready}</span>`}</li>`;

interface ShardPluginFacts {
	readonly name: string;
	readonly version: string;
	readonly pinned: boolean;
	readonly ready: number;
	readonly desired: number;
	readonly unready: string;
}

// ── Others ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const looseSection = (view: View, now: number): Html => html`<section aria-labelledby="others">
<h2 id="others" tabindex="-1">Runners and backends without a stack</h2>${cards(
	view.loose,
	(seen) => seen,
	(seen) => html`<article class="card">${cardHead(seen, now)}
<p class="facts"><span>${seen.kind}${runnerTarget(seen)}${providerOf(seen)}</span></p>
${otherConditions(seen)}</article>`,
)}</section>`;
