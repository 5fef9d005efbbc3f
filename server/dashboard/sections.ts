import type { NamespaceDetails, PluginDetails, SeenPlace } from "../object-details.ts";
import type { ObjectSummary } from "../object-summary.ts";
import { type Html, html, type Part } from "./html.ts";
import { listingPath } from "./listing.ts";
import {
	badge,
	cardHead,
	idOf,
	moreThan,
	objectLink,
	otherConditions,
	progressBar,
	seenAge,
	since,
	standingWithReason,
} from "./parts.ts";
import {
	hostOf,
	placesOf,
	rolloutProgress,
	shardPartsOf,
	standingOf,
	stateOfShardPart,
	type View,
	worstFirst,
} from "./view.ts";

// Rollouts of plugins, and placements of tenants' namespaces.

const MOST_PLUGINS = 50;

export const pluginsSection = ({ plugins }: View, now: number): Html => html`<section aria-labelledby="plugins">
<h2 id="plugins" tabindex="-1">Plugins</h2>${plugins.slice(0, MOST_PLUGINS).map((plugin) => pluginCard(plugin, now))}${moreThan(MOST_PLUGINS, plugins, listingPath({ kind: "PrismPlugin" }))}</section>`;

const pluginCard = (plugin: ObjectSummary & { readonly details: PluginDetails }, now: number): Html => {
	const { spec, status } = plugin.details;
	const { rollout, lastGoodVersion } = status;
	const shards = shardPartsOf(plugin.details);
	return html`<article class="card">${cardHead(plugin, now)}
<p class="facts"><span>desired <b class="mono">${spec.version}</b></span>
${lastGoodVersion !== undefined && html`<span>last good <b class="mono">${lastGoodVersion}</b></span>`}
${rollout !== undefined && html`<span>rollout <b>${rollout.phase}</b>, started ${since(rollout.startedAt, now)}</span>`}
${shards.length > 0 && html`<span>${progressBar(rolloutProgress(plugin), `updated shards of ${plugin.name}`)} shards updated</span>`}</p>
${otherConditions(plugin)}
${shards.length > 0 && html`<ol class="steps" aria-label="Shards of the rollout">${shards.map((part) => shardStep(part, plugin, now))}</ol>`}
${history(plugin, now)}</article>`;
};

const shardStep = (part: ReturnType<typeof shardPartsOf>[number], { namespace }: ObjectSummary, now: number): Html => {
	const { name = "", state: word = "", message } = part;
	const state = stateOfShardPart(word);
	return html`<li class="${state}-edge">${objectLink({ kind: "PrismShard", namespace, name })} <span class="mono">${part.version}</span><br>
${badge(state, word)} <span class="age">${since(part.since, now)}</span>${message !== undefined && html`<p class="why small">${message}</p>`}</li>`;
};

const history = (plugin: ObjectSummary & { readonly details: PluginDetails }, now: number): Part => {
	const { history: list = [] } = plugin.details.status;
	if (list.length === 0) return undefined;
	return html`<details id="${idOf("history", plugin.namespace, plugin.name)}"><summary>Earlier rollouts</summary><ul class="rows">${list.map(
		({ version, outcome = "", finishedAt }) =>
			html`<li>${badge(outcome === "Complete" ? "good" : "idle", outcome)}<span class="mono">${version}</span><span class="age">${since(finishedAt, now)}</span></li>`,
	)}</ul></details>`;
};

// ── Namespaces ──────────────────────────────────────────────────────────────────────────────────────────────────────

const MOST_NAMESPACES = 50;

export const namespacesSection = (view: View, now: number): Html => {
	const sorted = worstFirst(view.namespaces);
	return html`<section aria-labelledby="namespaces"><h2 id="namespaces" tabindex="-1">Namespaces</h2>
<div class="card"><table class="stack"><caption class="hidden">PrismNamespaces and their placements</caption><thead><tr><th scope="col">Namespace</th><th scope="col">State</th><th scope="col">Identifier</th><th scope="col">Placement</th><th scope="col">Provisioned instances</th><th scope="col">Seen</th></tr></thead>
<tbody>${sorted.slice(0, MOST_NAMESPACES).map((seen) => namespaceRow(seen, view, now))}</tbody></table>
${moreThan(MOST_NAMESPACES, sorted, listingPath({ kind: "PrismNamespace" }))}</div></section>`;
};

const namespaceRow = (seen: ObjectSummary & { readonly details: NamespaceDetails }, view: View, now: number): Html => {
	const { spec, status } = seen.details;
	const places = placesOf(seen.details);
	return html`<tr><td class="name">${objectLink(seen)} <span class="muted small">${seen.namespace}</span></td>
<td>${standingWithReason(standingOf(seen))}</td>
<td data-label="Identifier"><span class="mono">${status.namespaceId ?? spec.namespaceId ?? seen.name}</span></td>
<td data-label="Placement">${places.length === 0 ? html`<span class="muted">none</span>` : places.map((place) => placeLine(place, view))}</td>
<td class="text" data-label="Instances">${places.map(placeInstances)}${status.expiresAt !== undefined && html`<div class="muted small">expires ${status.expiresAt}</div>`}</td>
<td>${seenAge(seen, now)}</td></tr>`;
};

const placeLine = ({ roster = "", namespace = "", state }: SeenPlace, view: View): Html => {
	const host = hostOf(view, { name: roster, namespace });
	const told = state === "Active" ? undefined : html` <span class="waiting small">${state}</span>`;
	return html`<div>${host.kind === "PrismShard" ? "shard" : "stack"} ${objectLink({ ...host, namespace })}${told}</div>`;
};

const placeInstances = ({ instances = [] }: SeenPlace): Html => {
	const has = instances.filter(({ state }) => state === "Applied" || state === "Accepted");
	const lacking = instances.filter((instance) => !has.includes(instance));
	return html`<div><span class="mono">${has.length}/${instances.length}</span>${lacking
		.slice(0, 3)
		.map(
			({ name, message }) => html` <span class="small">${name}${message !== undefined && html`: ${message}`}</span>`,
		)}</div>`;
};
