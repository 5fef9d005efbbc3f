import { readFileSync } from "node:fs";
import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { hookPath, isComposite, type Prepared, type Row } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import type { Answer, Outside, Question } from "../../schemas/admin.ts";
import type { Context } from "../../schemas/installation.ts";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { INSTALLATION } from "../installation.ts";
import { settle, worldIn } from "../laws/cluster.ts";
import { stagesOf } from "../stages.ts";
import { asComposite } from "../world/decorators.ts";
import { endpointSlices } from "../world/stored.ts";
import { type Size, SPEC_CASES, type SpecCase } from "./specs.ts";
import { applied, controllerOnWire, observed } from "./wire.ts";

// Calls of hooks as Metacontroller makes them of objects that have come to rest, which is what it does all day.

export interface BenchCall {
	/** "PrismStack, usual: 10 patterns" */
	readonly name: string;
	readonly kind: string;
	/** "recorded": as Metacontroller once sent it, to another hook, so that the object is not at rest for ours. */
	readonly size: Size | "recorded";
	readonly title: string;
	readonly path: string;
	/** The request, as it is on the wire. */
	readonly body: string;
	/** What instances say, in the order of the questions. */
	readonly answers: readonly Answer[];
	readonly context: Context;
	/** The pure stages of the hook, on a parsed body. */
	readonly compute: (request: unknown) => unknown;
}

const NOW = "2026-01-01T01:00:00Z";
const CONTEXT: Context = { now: NOW, installation: INSTALLATION };

const rowOfKind = (kind: string): Row => {
	const row = REGISTRY.find(({ parent }) => parent.kind === kind);
	if (row === undefined) throw new Error(`no hook for ${kind}`);
	return row;
};

const envelopeOf = (row: Row) => ({
	controller: controllerOnWire(
		controllerObject(row, { origin: "http://prism-operator.prism-system.svc:8080", features: {} }),
	),
});

/** All pure stages, as the server runs them one after the other. */
const computing =
	(row: Row, outside: Outside, context: Context) =>
	(request: unknown): unknown => {
		// As in the server, each call has a context of its own.
		const own = { ...context };
		const hooks = row as {
			readonly prepare?: (...given: unknown[]) => Prepared<unknown>;
			readonly sync: (...given: unknown[]) => unknown;
		};
		const prepared = hooks.prepare?.(request, own);
		prepared?.decide?.(outside.answers);
		return prepared === undefined ? hooks.sync(request, own) : prepared.sync(outside);
	};

const settledCall = ({ size, title, parent, related }: SpecCase): BenchCall => {
	const row = rowOfKind(parent.kind);
	const composite = asComposite(row);
	const rested = settle(composite, { parent, related, context: CONTEXT });
	const { parent: own, context: then } = rested.scenario;
	const context = { ...then, now: NOW };
	const children = rested.answer.children.map((child) => observed(child, own));
	const world = worldIn(
		composite,
		{ parent: applied(own), related: [...related, ...endpointSlices(children)].map(applied), context },
		children,
	);
	const request = { ...world.request(), ...envelopeOf(row) };
	const { answers } = world.outside(request);
	const { controller, parent: object, children: attachments, related: seen, finalizing } = request;
	// Members in Metacontroller's order.
	const body = JSON.stringify(
		isComposite(row) ? request : { controller, object, attachments, related: seen, finalizing },
	);
	return callOf(row, { size, title, body, answers, context });
};

const callOf = (row: Row, given: Pick<BenchCall, "size" | "title" | "body" | "answers" | "context">): BenchCall => ({
	...given,
	name: `${row.parent.kind}, ${given.size}: ${given.title}`,
	kind: row.parent.kind,
	path: hookPath(row, "sync"),
	compute: computing(row, { answers: given.answers, results: [] }, given.context),
});

// ── PrismNamespace ──────────────────────────────────────────────────────────────────────────────────────────────────

const namespaceCall = (size: Size, rosters: number, replicas: number, tags: number): BenchCall => {
	const row = rowOfKind("PrismNamespace");
	const world = new NamespaceWorld({
		backend: "postgres",
		pattern: "keyvalue",
		consistency: "strong",
		shard: { product: "playback" },
		caching: { enabled: true, ttl: "30s" },
		rateLimit: { rps: 1000 },
		...(tags > 0 && {
			tags: Object.fromEntries(Array.from({ length: tags }, (_, index) => [`tag-${index}`, `value-${index}`])),
		}),
	});
	world.relate(...Array.from({ length: rosters }, (_, index) => ({ name: `prism-live-${index}`, replicas })));
	world.settle();
	const request = {
		...world.request(applied(world.object)),
		related: objectMap(world.related.map((roster) => observed(roster, world.object))),
		...envelopeOf(row),
	};
	const questions: readonly Question[] = isComposite(row) ? [] : stagesOf(row).ask(request, world.context);
	const answers = questions.map((question) => world.answer(question));
	const context = world.context;
	const title = `${rosters} roster${rosters > 1 ? "s" : ""} of ${replicas}`;
	return callOf(row, { size, title, body: JSON.stringify(request), answers, context });
};

// ── Recorded ────────────────────────────────────────────────────────────────────────────────────────────────────────

const RECORDED = new URL("../devcluster/metacontroller/recorded/", import.meta.url);

const recordedCall = (kind: string, file: string): BenchCall => {
	const { body } = JSON.parse(readFileSync(new URL(`${file}.json`, RECORDED), "utf8")) as { body: unknown };
	// Our hooks ask nobody of these.
	return callOf(rowOfKind(kind), {
		size: "recorded",
		title: file,
		body: JSON.stringify(body),
		answers: [],
		context: CONTEXT,
	});
};

let made: readonly BenchCall[] | undefined;

/** By kind, and by size. Takes a second or two. */
export const benchCalls = (): readonly BenchCall[] => {
	made ??= [
		...SPEC_CASES.map(settledCall),
		namespaceCall("small", 1, 1, 0),
		namespaceCall("usual", 3, 3, 2),
		namespaceCall("large", 16, 20, 32),
		recordedCall("PrismStack", "prismstack-sync-4"),
		recordedCall("PrismNamespace", "prismnamespace-sync-4"),
	];
	return made;
};

export const callNamed = (name: string): BenchCall => {
	const call = benchCalls().find((candidate) => candidate.name === name);
	if (call === undefined) throw new Error(`there is no call "${name}"`);
	return call;
};

/** Whether what a hook answers is what it would answer for an object at rest. */
export const isAtRest = (answer: unknown): boolean => {
	const status = isRecord(answer) ? answer["status"] : undefined;
	const conditions: readonly unknown[] =
		isRecord(status) && Array.isArray(status["conditions"]) ? status["conditions"] : [];
	return conditions.some(
		(condition) => isRecord(condition) && condition["type"] === "Ready" && condition["status"] === "True",
	);
};
