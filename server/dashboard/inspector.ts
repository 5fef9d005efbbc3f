import { dump } from "js-yaml";
import { changesOf, type Difference, differences } from "../../kube/field-differences.ts";
import { describeObject, observedOf } from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { counted } from "../../schemas/messages/words.ts";
import type { RecordedCall, RecordedResponse } from "../../schemas/recorded-call.ts";
import type { KeptCall, KeptObject } from "../call-history.ts";
import type { ObjectSummary } from "../object-summary.ts";
import { constantMarkup, type Html, html, type Part } from "./html.ts";
import { page } from "./page.ts";
import {
	ago,
	badge,
	idOf,
	moreThan,
	notReadyBecause,
	objectLink,
	objectPath,
	otherConditions,
	seenAge,
	standingBadge,
	workloads,
} from "./parts.ts";
import { standingOf } from "./view.ts";

// One object: its conditions, and its last webhook calls with requests, responses and changes.

export interface InspectorOptions {
	readonly object: KeptObject;
	/** The path from the object to the first cause; the object itself comes first. */
	readonly way: readonly ObjectSummary[];
	/** ID of the call to show; undefined: the last one. */
	readonly callId: number | undefined;
	readonly clusterId: string;
	readonly replica: string;
	readonly now: number;
}

export const inspector = ({ object, way, callId, clusterId, replica, now }: InspectorOptions): Html => {
	const { summary, calls } = object;
	const shown = callId === undefined ? calls[0] : calls.find(({ id }) => id === callId);
	const call = shown?.read();
	return page({
		title: `${summary.kind} ${summary.name}`,
		clusterId,
		replica,
		nav: [],
		main: html`<p class="crumbs"><a href="/" id="back">← Overview</a> · <a href="/objects" id="all">All objects</a></p>
<div class="title"><h1>${summary.kind} ${summary.name}</h1><span class="muted">${summary.namespace}</span>${standingBadge(standingOf(summary))}${seenAge(summary, now)}</div>
${summary.failure !== undefined && html`<p class="why">${summary.failure}</p>`}
${standingOf(summary).state !== "good" && summary.conditions.length === 0 && notReadyBecause(standingOf(summary))}${otherConditions(summary)}${workloads(summary)}
${firstCause(way)}
${conditions(summary, now)}
${callsSection(object, shown, now)}
${shown === undefined ? notKept(callId) : call === undefined ? tooLarge : callSections(call, shown, summary)}`,
		footer: html`<p>Credentials are redacted before a call is stored.</p>`,
	});
};

const firstCause = (way: readonly ObjectSummary[]): Part => {
	const cause = way.at(-1);
	if (cause === undefined || standingOf(cause).state === "good") return undefined;
	return html`<section aria-labelledby="cause"><h2 id="cause">First cause</h2><div class="card">
${way.length > 1 && html`<p class="mates muted">${way.map((seen, index) => html`${index > 0 && " waits for "}${seen.kind} ${objectLink(seen)}`)}</p>`}${notReadyBecause(standingOf(cause))}
<p>This command follows it down to the pod, and prints what to do: <code>kubectl prism why ${cause.kind.toLowerCase()}/${cause.name} -n ${cause.namespace}</code></p></div></section>`;
};

const notKept = (callId: number | undefined): Html =>
	html`<p class="muted">${callId === undefined ? "No call of this object is stored." : "This call is no longer stored: newer calls replaced it."}</p>`;

const tooLarge = html`<p class="muted">This call is too large to be stored. PRISM_DASHBOARD_BYTES sets the limit.</p>`;

const conditions = ({ conditions: list }: ObjectSummary, now: number): Part =>
	list.length > 0 &&
	html`<section aria-labelledby="conditions"><h2 id="conditions">Conditions</h2><div class="card"><table class="stack"><thead><tr><th scope="col">Type</th><th scope="col">Status</th><th scope="col">Reason</th><th scope="col">Message</th><th scope="col">Since</th></tr></thead>
<tbody>${list.map(
		({ type, status, reason, message, lastTransitionTime }) =>
			html`<tr><td class="short">${type}</td><td class="short">${status}</td><td class="short"><code>${reason}</code></td><td class="text"><bdi>${message}</bdi></td><td class="age">${ago(Date.parse(lastTransitionTime), now)}</td></tr>`,
	)}</tbody></table></div></section>`;

const MOST_CALLS = 6;

const callsSection = ({ summary, calls }: KeptObject, shown: KeptCall | undefined, now: number): Part => {
	if (calls.length === 0) return undefined;
	const item = (call: KeptCall) => callItem(call, call === shown, call === calls[0], summary, now);
	const earlier = calls.slice(MOST_CALLS);
	return html`<section aria-labelledby="calls"><h2 id="calls">Last calls</h2><ol class="calls">${calls.slice(0, MOST_CALLS).map(item)}</ol>
${
	earlier.length > 0 &&
	html`<details id="earlier"${earlier.some((call) => call === shown) && constantMarkup(" open")}><summary>${earlier.length} earlier calls</summary><ol class="calls">${earlier.map(item)}</ol></details>`
}</section>`;
};

const callItem = (call: KeptCall, isShown: boolean, isLast: boolean, summary: ObjectSummary, now: number): Html => {
	const text = html`${call.hook}${call.failed && " failed"}, ${ago(call.at, now)}, ${call.ms.toFixed(1)} ms`;
	const path = isLast ? objectPath(summary) : `${objectPath(summary)}?call=${call.id}`;
	return isShown
		? html`<li><span aria-current="true">${text}</span></li>`
		: html`<li><a id="call-${call.id}" href="${path}">${text}</a></li>`;
};

const callSections = (call: RecordedCall, { id }: KeptCall, summary: ObjectSummary): Html => {
	const casePath = `${objectPath(summary)}/case.yaml?call=${id}`;
	const { response, ...request } = call;
	return html`${response === undefined ? undefined : changesSection(call, response)}
${instanceResponses(call)}
<section aria-labelledby="case"><h2 id="case">As a test</h2><div class="card">
<p>This call as a golden case, which <code>prism-operator replay</code> runs anywhere:</p>
<p class="actions"><button type="button" id="copy" data-copy="${casePath}" hidden>Copy as golden case</button>
<a class="button" id="download" href="${casePath}" download="${summary.name}.call.yaml">Download</a>
<code>prism-operator record ${summary.kind} ${summary.namespace}/${summary.name}</code></p>
${call.redacted.length > 0 && html`<details id="redacted"><summary>${call.redacted.length} credentials are redacted</summary><ul class="rows">${call.redacted.map((path) => html`<li><code>${path}</code></li>`)}</ul></details>`}</div></section>
<section aria-labelledby="raw"><h2 id="raw">Request and response</h2>
${raw("request", "Request", request)}${response !== undefined && raw("response", "Response", response)}</section>`;
};

/** A browser takes seconds for more, which is unreadable anyway. */
const LONGEST_YAML = 200_000;

const raw = (id: string, title: string, value: unknown): Html => {
	const text = yaml(value);
	const cut = text.length > LONGEST_YAML;
	return html`<details id="${id}"><summary>${title}, ${text.split("\n").length - 1} lines</summary>
<pre id="${id}-text" tabindex="0">${cut ? text.slice(0, LONGEST_YAML) : text}</pre>${cut && html`<p class="muted">Cut: the download has all of it.</p>`}</details>`;
};

export const yaml = (value: unknown): string => dump(value, { noRefs: true, lineWidth: -1, seqNoIndent: true });

// ── Changes by the response ─────────────────────────────────────────────────────────────────────────────────────────

const changesSection = (call: RecordedCall, response: RecordedResponse): Html => {
	const observed = objectMap(call.observed);
	const wanted = objectMap(response.children);
	const found = response.children.map((child) => ({ child, before: observedOf(observed, child) }));
	const created = found.filter(({ before }) => before === undefined).map(({ child }) => child);
	const deleted = call.observed.filter((child) => observedOf(wanted, child) === undefined);
	const compared = found.flatMap(({ child, before }) =>
		before === undefined ? [] : [{ child, changes: changesOf(before, child) }],
	);
	const changed = compared.filter(({ changes }) => changes.length > 0);
	const same = compared.filter(({ changes }) => changes.length === 0).map(({ child }) => child);
	const status = response.status ? differences(call.parent["status"], response.status) : [];
	const quiet = created.length + deleted.length + changed.length + status.length === 0;
	return html`<section aria-labelledby="changes"><h2 id="changes">Changes by the response</h2><div class="card">
${quiet && html`<p>${badge("good", "No changes:")} observed and desired state are equal.</p>`}
${status.length > 0 && changeOf("status", "Status", badge("waiting", `${counted(status.length, "field")} changed`), status)}
${changed.map(({ child, changes }) => changeOf(idOf("changed", child.kind, child.metadata.name), describeObject(child), badge("waiting", "To update"), changes))}
${listOf("To create", "waiting", created)}${listOf("To delete", "bad", deleted)}
${same.length > 0 && html`<details id="same"><summary>${counted(same.length, "object")} unchanged</summary><ul class="rows">${same.map((child) => html`<li>${describeObject(child)}</li>`)}</ul></details>`}
</div></section>`;
};

const listOf = (word: string, state: "waiting" | "bad", objects: readonly KubeObject[]): Part =>
	objects.length > 0 &&
	html`<ul class="rows">${objects.map((child) => html`<li>${badge(state, word)}${describeObject(child)}</li>`)}</ul>`;

const MOST_CHANGES = 100;

const changeOf = (id: string, title: string, state: Html, changes: readonly Difference[]): Html =>
	html`<details id="${id}" open><summary>${title} ${state}</summary><dl class="diff">${changes
		.slice(0, MOST_CHANGES)
		.map(
			({ path, before, after }) =>
				html`<div><dt>${path}</dt>${before !== undefined && html`<dd class="minus" data-sign="−"><span class="hidden">before</span>${shortOf(before)}</dd>`}${after !== undefined && html`<dd class="plus" data-sign="+"><span class="hidden">after</span>${shortOf(after)}</dd>`}</div>`,
		)}</dl>${moreThan(MOST_CHANGES, changes)}</details>`;

const LONGEST_VALUE = 2000;

const shortOf = (value: unknown): string => {
	const text = typeof value === "object" && value !== null ? yaml(value).trimEnd() : JSON.stringify(value);
	return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
};

// ── Responses of instances ─────────────────────────────────────────────────────────────────────────────────────────────

const instanceResponses = ({ answers, outcomes }: RecordedCall): Part => {
	const names = [...new Set([...Object.keys(answers), ...Object.keys(outcomes)])];
	if (names.length === 0) return undefined;
	return html`<section aria-labelledby="instances"><h2 id="instances">Responses of instances</h2><div class="card"><table class="stack"><thead><tr><th scope="col">Instance</th><th scope="col">Listing</th><th scope="col">Change</th></tr></thead>
<tbody>${names.map((name) => html`<tr><td class="mono">${name}</td><td data-label="Listing">${answerText(answers[name])}</td><td class="text" data-label="Change">${outcomeText(outcomes[name])}</td></tr>`)}</tbody></table></div></section>`;
};

const answerText = (answer: RecordedCall["answers"][string] | undefined): Part => {
	if (answer === undefined) return html`<span class="muted">not requested</span>`;
	if (answer.state === "unknown") return html`${badge("bad", answer.failure)} ${answer.words}`;
	if (answer.state === "unverifiable") return badge("idle", "can't be verified");
	return badge("good", counted(Object.keys(answer.namespaces).length, "namespace"));
};

const outcomeText = (outcome: RecordedCall["outcomes"][string] | undefined): Part => {
	if (outcome === undefined) return html`<span class="muted">none</span>`;
	if (outcome.state === "done") return badge("good", "done");
	if (outcome.state === "pending") return badge("waiting", "in progress");
	return outcome.state === "failed"
		? html`${badge("bad", outcome.failure)} ${outcome.words}`
		: html`${badge("bad", "rejected")} ${outcome.message}`;
};
