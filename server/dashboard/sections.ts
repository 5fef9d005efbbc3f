import type { NamespaceFacts, PluginFacts, SeenPlace } from "../facts.ts";
import type { Sighting } from "../sighting.ts";
import { type Html, html, type Part } from "./html.ts";
import {
	ago,
	badge,
	cardHead,
	idOf,
	objectLink,
	otherConditions,
	progressBar,
	seenAge,
	standingBadge,
} from "./parts.ts";
import { hostOf, rolloutProgress, standingOf, stateOfShardPart, type View } from "./view.ts";

// Rollouts of plugins, and where tenants' namespaces live.

const MOST_PLUGINS = 50;

export const pluginsSection = (view: View, now: number): Html => html`<section aria-labelledby="plugins">
<h2 id="plugins" tabindex="-1">Plugins</h2>${firstCards(view, now)}</section>`;

const firstCards = ({ plugins }: View, now: number): Part => [
	...plugins.slice(0, MOST_PLUGINS).map((plugin) => pluginCard(plugin, now)),
	plugins.length > MOST_PLUGINS && html`<p class="muted">and ${plugins.length - MOST_PLUGINS} more</p>`,
];

const pluginCard = (plugin: Sighting & { readonly facts: PluginFacts }, now: number): Html => {
	const { facts } = plugin;
	return html`<article class="card">${cardHead(plugin, now)}
<p class="facts"><span>wanted <b class="mono">${facts.version}</b></span>
${facts.lastGood !== "" && html`<span>last good <b class="mono">${facts.lastGood}</b></span>`}
${facts.rollout !== undefined && html`<span>rollout <b>${facts.rollout.phase}</b>, begun ${ago(Date.parse(facts.rollout.startedAt), now)}</span>`}
${facts.shards.length > 0 && html`<span>${progressBar(rolloutProgress(plugin), `shards of ${plugin.name} that are updated`)} shards updated</span>`}</p>
${otherConditions(plugin)}
${facts.shards.length > 0 && html`<ol class="steps" aria-label="Shards of the rollout">${facts.shards.map((part) => shardStep(part, plugin, now))}</ol>`}
${history(plugin, now)}</article>`;
};

const shardStep = (part: PluginFacts["shards"][number], { namespace }: Sighting, now: number): Html => {
	const state = stateOfShardPart(part.state);
	return html`<li class="${state}-edge">${objectLink({ kind: "PrismShard", namespace, name: part.name })} <span class="mono">${part.version}</span><br>
${badge(state, part.state)} <span class="age">${ago(Date.parse(part.since), now)}</span>${part.message !== "" && html`<p class="why small">${part.message}</p>`}</li>`;
};

const history = (plugin: Sighting & { readonly facts: PluginFacts }, now: number): Part => {
	const { history: list } = plugin.facts;
	if (list.length === 0) return undefined;
	return html`<details id="${idOf("history", plugin.namespace, plugin.name)}"><summary>Earlier rollouts</summary><ul class="rows">${list.map(
		({ version, outcome, finishedAt }) =>
			html`<li>${badge(outcome === "Complete" ? "good" : "idle", outcome)}<span class="mono">${version}</span><span class="age">${ago(Date.parse(finishedAt), now)}</span></li>`,
	)}</ul></details>`;
};

// ── Namespaces ──────────────────────────────────────────────────────────────────────────────────────────────────────

const MOST_NAMESPACES = 200;

export const namespacesSection = (view: View, now: number): Html => {
	// What needs somebody first; within that by name.
	const worst = ["bad", "waiting", "idle", "good"];
	const rank = (seen: Sighting) => worst.indexOf(standingOf(seen).state);
	const sorted = view.namespaces.toSorted((left, right) => rank(left) - rank(right));
	return html`<section aria-labelledby="namespaces"><h2 id="namespaces" tabindex="-1">Namespaces</h2>
<div class="card"><table class="stack"><caption class="hidden">PrismNamespaces, and where each of them lives</caption><thead><tr><th scope="col">Namespace</th><th scope="col">State</th><th scope="col">Identifier</th><th scope="col">Lives on</th><th scope="col">Instances that have it</th><th scope="col">Seen</th></tr></thead>
<tbody>${sorted.slice(0, MOST_NAMESPACES).map((seen) => namespaceRow(seen, view, now))}</tbody></table>
${sorted.length > MOST_NAMESPACES && html`<p class="muted">and ${sorted.length - MOST_NAMESPACES} more</p>`}</div></section>`;
};

const namespaceRow = (seen: Sighting & { readonly facts: NamespaceFacts }, view: View, now: number): Html => {
	const { facts } = seen;
	const standing = standingOf(seen);
	return html`<tr><td class="name">${objectLink(seen)} <span class="muted small">${seen.namespace}</span></td>
<td>${standingBadge(standing)}${standing.state !== "good" && standing.reason !== "" && html` <code>${standing.reason}</code>`}</td>
<td data-label="Identifier"><span class="mono">${facts.id}</span></td>
<td data-label="Lives on">${facts.places.length === 0 ? html`<span class="muted">nowhere</span>` : facts.places.map((place) => placeLine(place, view))}</td>
<td class="text" data-label="Instances">${facts.places.map(placeInstances)}${facts.expiresAt !== "" && html`<div class="muted small">until ${facts.expiresAt}</div>`}</td>
<td data-label="Seen">${seenAge(seen, now)}</td></tr>`;
};

const placeLine = (place: SeenPlace, view: View): Html => {
	const host = hostOf(view, place);
	const told = place.state === "Active" ? undefined : html` <span class="waiting small">${place.state}</span>`;
	return html`<div>${host.kind === "PrismShard" ? "shard" : "stack"} ${objectLink({ ...host, namespace: place.namespace })}${told}</div>`;
};

const placeInstances = ({ instances }: SeenPlace): Html => {
	const has = instances.filter(({ state }) => state === "Applied" || state === "Accepted");
	const lacking = instances.filter((instance) => !has.includes(instance));
	return html`<div><span class="mono">${has.length}/${instances.length}</span>${lacking
		.slice(0, 3)
		.map(
			({ name, message }) => html` <span class="small">${name}${message !== "" && html`: ${message}`}</span>`,
		)}</div>`;
};
