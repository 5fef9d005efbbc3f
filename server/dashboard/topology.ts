import { judgePart } from "../../kube/health.ts";
import type { Part as SeenPart, ShardDetails } from "../object-details.ts";
import type { ObjectSummary } from "../object-summary.ts";
import { type Html, html, type Part } from "./html.ts";
import { listingPath } from "./listing.ts";
import { badge, cardHead, firstOf, idOf, moreThan, objectLink, otherConditions, standingBadge } from "./parts.ts";
import { STATE_OF, standingOf, type View, worstFirst } from "./view.ts";

// Stacks and shards, each with its components.

const MOST = 10;

/** Rendering a page delays webhooks: of long lists, only the unhealthy objects and the first of the others are shown. */
const MOST_CARDS = 20;

const cards = <Item>(
	kind: string,
	items: readonly Item[],
	seenOf: (item: Item) => ObjectSummary,
	show: (item: Item) => Html,
): Part => {
	const isWell = (item: Item) => standingOf(seenOf(item)).state === "good";
	const sorted =
		items.length <= MOST_UNFOLDED ? items : [...items.filter((item) => !isWell(item)), ...items.filter(isWell)];
	return [...sorted.slice(0, MOST_CARDS).map(show), moreThan(MOST_CARDS, items, listingPath({ kind }))];
};

export const stacksSection = (view: View, now: number): Html => html`<section aria-labelledby="stacks">
<h2 id="stacks" tabindex="-1">Stacks</h2>${cards(
	"PrismStack",
	view.stacks,
	({ stack }) => stack,
	(stack) => stackCard(stack, view, now),
)}</section>`;

const stackCard = ({ stack, namespaces }: View["stacks"][number], view: View, now: number): Html => {
	const { proxy, admin, patterns = [], backends = [], namespaces: asked = [] } = stack.details.status;
	const part =
		(kind: string, more: (seen: ObjectSummary | undefined) => Part = () => undefined) =>
		({ name = "", ready = false, phase, reason = "" }: SeenPart): Html => {
			const seen = view.find(kind, stack.namespace, name);
			const told = ready
				? badge("good", "Ready")
				: badge(STATE_OF[judgePart({ ready, phase, reason })], reason || phase || "Pending");
			return html`<li>${told}<span>${seen === undefined ? name : objectLink(seen)}${more(seen)}</span></li>`;
		};
	return html`<article class="card">${cardHead(stack, now)}
${otherConditions(stack)}
${folded(
	stack,
	view.stacks.length,
	html`<div class="flow">
<div><h4>Proxies ${proxy !== undefined && html`<span class="mono">${proxy.summary}</span>`}</h4><ul class="rows">${firstOf(stack.details.instances, MOST, instance)}
${admin !== undefined && html`<li>${admin.ready === admin.desired ? badge("good", "Ready") : badge("waiting", "Not ready")}<span>admin <span class="mono">${admin.summary}</span></span></li>`}</ul></div>
<div><h4>Patterns</h4>${listOr(firstOf(patterns, MOST, part("PatternRunner", runnerTarget)), "no patterns")}</div>
<div><h4>Backends</h4>${listOr(firstOf(backends, MOST, part("BackendConfig", providerOf)), "none that need a connection")}</div>
<div><h4>Namespaces</h4>${listOr(
		[
			...firstOf(worstFirst(namespaces), MOST, namespaceRow, placedOn(`${stack.name}-proxy`)),
			...firstOf(
				asked.filter(({ name }) => !namespaces.some((seen) => seen.name === name)),
				MOST,
				part("PrismNamespace"),
			),
		],
		asked.length === 0 ? "none on its proxies" : "",
	)}</div>
</div>`,
)}</article>`;
};

/** In long lists, healthy objects show their components on demand. */
const MOST_UNFOLDED = 6;

const folded = (seen: ObjectSummary, count: number, body: Html): Html =>
	count <= MOST_UNFOLDED || standingOf(seen).state !== "good"
		? body
		: html`<details id="${idOf("parts", seen.kind, seen.namespace, seen.name)}"><summary>Components</summary>${body}</details>`;

/** "→ nats": the backend of its BackendConfig, or of its pattern. */
const runnerTarget = (seen: ObjectSummary | undefined): Part => {
	if (seen?.details.of !== "PatternRunner") return undefined;
	const { backend, backendConfig } = seen.details.spec;
	return html` <span class="to"><span aria-hidden="true">→</span><span class="hidden">on</span> ${backendConfig?.name ?? backend}</span>`;
};

const providerOf = (seen: ObjectSummary | undefined): Part => {
	if (seen?.details.of !== "BackendConfig") return undefined;
	const provider = seen.details.status.binding?.provider ?? seen.details.spec.provider;
	return provider !== undefined && provider !== seen.name && html` <span class="to">${provider}</span>`;
};

const listOr = (items: readonly Part[], otherwise: string): Html =>
	items.some((item) => item !== undefined && item !== false)
		? html`<ul class="rows">${items}</ul>`
		: html`<p class="muted small">${otherwise}</p>`;

const instance = ({ name, ready }: { name: string; ready: boolean }): Html =>
	html`<li>${badge(ready ? "good" : "waiting", ready ? "Ready" : "Not ready")}<span class="mono">${name}</span></li>`;

const placedOn = (roster: string): string => listingPath({ kind: "PrismNamespace", text: roster });

const namespaceRow = (seen: ObjectSummary): Html => {
	const standing = standingOf(seen);
	return html`<li>${standingBadge(standing)}<span>${objectLink(seen)}</span></li>`;
};

// ── Shards ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const shardsSection = (view: View, now: number): Html => html`<section aria-labelledby="shards">
<h2 id="shards" tabindex="-1">Shards</h2>${cards(
	"PrismShard",
	view.shards,
	({ shard }) => shard,
	(shard) => shardCard(shard, view.shards.length, now),
)}</section>`;

const shardCard = ({ shard, namespaces }: View["shards"][number], count: number, now: number): Html => {
	const { backends = [], capacity, weight, accepting = true, draining = false } = shard.details.spec;
	const { summary, plugins = [], namespaces: held, aggregateMetrics = {} } = shard.details.status;
	const most = capacity?.maxNamespaces;
	const { totalRPS, avgP99Latency } = aggregateMetrics;
	const load = [
		summary !== undefined && html`<span><b>${summary}</b> pods ready</span>`,
		held !== undefined && html`<span><b>${held}${most !== undefined && `/${most}`}</b> namespaces</span>`,
		totalRPS !== undefined && html`<span><b>${totalRPS}</b> requests/s</span>`,
		avgP99Latency !== undefined && html`<span><b>${avgP99Latency}</b> p99</span>`,
		weight !== undefined && html`<span>weight <b>${weight}</b></span>`,
		backends.length > 0 && html`<span>serves <b>${backends.join(", ")}</b></span>`,
		draining && html`<span><b>draining</b></span>`,
		!accepting && !draining && html`<span><b>accepts no new namespaces</b></span>`,
	];
	return html`<article class="card">${cardHead(shard, now)}
<p class="facts">${load}</p>
${otherConditions(shard)}
${folded(
	shard,
	count,
	html`<div class="flow three">
<div><h4>Instances</h4>${listOr(firstOf(shard.details.instances, MOST, instance), "none yet")}</div>
<div><h4>Plugins</h4>${listOr(firstOf(plugins, MOST, plugin(shard)), "no plugins")}</div>
<div><h4>Namespaces</h4>${listOr(firstOf(worstFirst(namespaces), MOST, namespaceRow, placedOn(`prism-${shard.name}`)), "none")}</div>
</div>`,
)}</article>`;
};

const plugin =
	({ namespace }: ObjectSummary) =>
	({ name = "", version, pinned = false, ready = 0, desired = 0, unready }: SeenPlugin): Html =>
		html`<li>${badge(ready >= desired ? "good" : "waiting", `${ready}/${desired}`)}<span>${objectLink({ kind: "PrismPlugin", namespace, name })}
<span class="mono">${version}</span>${pinned && html` <span class="to">pinned</span>`}</span>${unready !== undefined && html`<span class="small">${unready}</span>`}</li>`;

type SeenPlugin = NonNullable<ShardDetails["status"]["plugins"]>[number];

// ── Others ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const looseSection = (view: View, now: number): Html => html`<section aria-labelledby="others">
<h2 id="others" tabindex="-1">Runners and backends without a stack</h2>${cards(
	"",
	view.loose,
	(seen) => seen,
	(seen) => html`<article class="card">${cardHead(seen, now)}
<p class="facts"><span>${seen.kind}${runnerTarget(seen)}${providerOf(seen)}</span></p>
${otherConditions(seen)}</article>`,
)}</section>`;
