import { isComposite, type Prepared, type Row } from "../kube/hook.ts";
import { objectsOf } from "../kube/object.ts";
import { syncRequest } from "../kube/offline.ts";
import { redacted, redactedData, redactedText } from "../kube/redaction.ts";
import {
	type Answer,
	type CallOutcome,
	type Failed,
	type Instance,
	type InstanceAnswer,
	type NamespaceAnswer,
	type Outside,
	type Question,
	unanswered,
} from "../schemas/admin.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { Context } from "../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../schemas/metacontroller.ts";
import {
	type OutcomeByInstance,
	RECORD_FORMAT,
	type RecordedCall,
	type RecordedMoment,
	type RecordedResponse,
	type Told,
	type ToldByInstance,
} from "../schemas/recorded-call.ts";

// A call of a hook as a document, and back: pure in both directions, so that a call that went wrong in a cluster can be made
// again anywhere, without proxies to ask.

// ── Recording ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MadeCall {
	readonly hook: RecordedMoment["hook"];
	readonly request: CompositeRequest | DecoratorRequest;
	readonly context: Context;
	readonly outside?: Outside | undefined;
	readonly response?: CompositeResponse | DecoratorResponse | undefined;
	/** What the hook threw. */
	readonly failure?: string | undefined;
}

/** Everything that a call went by, and what came of it, without credentials. */
export const recordedCall = ({ hook, request, context, outside, response, failure }: MadeCall): RecordedCall => {
	const paths: string[] = [];
	const clean = (object: KubeObject): KubeObject => {
		const { value, paths: found } = redacted(object);
		paths.push(...found.map((path) => `${object.kind} ${object.metadata.name}: ${path}`));
		return value;
	};
	const { parent, observed } = subjectOf(request);
	return {
		format: RECORD_FORMAT,
		hook,
		now: context.now,
		...(context.revision !== undefined && { revision: context.revision }),
		installation: context.installation,
		parent: clean(parent),
		observed: observed.map(clean),
		related: objectsOf(request.related).map(clean),
		answers: answersOf(outside?.answers ?? []),
		outcomes: outcomesOf(outside?.results ?? []),
		...(response !== undefined && { response: redactedResponse(responseOf(response)) }),
		...(failure !== undefined && { failure: redactedText(failure) }),
		redacted: [...new Set(paths)].toSorted(),
	};
};

const subjectOf = (request: CompositeRequest | DecoratorRequest) =>
	"object" in request
		? { parent: request.object, observed: objectsOf(request.attachments) }
		: { parent: request.parent, observed: objectsOf(request.children) };

const responseOf = (response: CompositeResponse | DecoratorResponse): RecordedResponse => {
	if ("children" in response) return response;
	const { attachments, ...rest } = response;
	return { ...rest, children: attachments };
};

/** A response as it may be shown and compared: a recorded one has no credentials either. */
export const redactedResponse = (response: RecordedResponse): RecordedResponse => ({
	...response,
	...(response.status && {
		status: { ...response.status, ...recordOf(redactedData(response.status, "status").value) },
	}),
	children: response.children.map((child) => redacted(child).value),
});

const recordOf = (value: unknown): Record<string, unknown> =>
	typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** Pods of one name in two namespaces: only then the namespace distinguishes them. */
const keyOf = ({ name, namespace }: Instance, all: readonly Instance[]): string =>
	all.some((other) => other.name === name && other.namespace !== namespace) ? `${namespace}/${name}` : name;

const answersOf = (answers: readonly Answer[]): ToldByInstance => {
	const all = answers.map(({ question }) => question.instance);
	return Object.fromEntries(answers.map((reply) => [keyOf(reply.question.instance, all), toldOf(reply)]));
};

const toldOf = ({ question, answer }: Answer): Told => {
	if (answer.state === "unknown") return redactedFailure(answer);
	if (answer.state === "unverifiable") return answer;
	if ("namespaces" in answer) return { ...answer, namespaces: Object.fromEntries(answer.namespaces) };
	const { readAt, record } = answer;
	const id = question.about === "namespace" ? question.namespaceId : "";
	return { state: "known", readAt, namespaces: record === undefined ? {} : { [id]: record } };
};

const outcomesOf = (results: Outside["results"]): OutcomeByInstance => {
	const all = results.map(({ call }) => call.instance);
	return Object.fromEntries(results.map(({ call, outcome }) => [keyOf(call.instance, all), becameOf(outcome)]));
};

const redactedFailure = <Failure extends Failed>(failure: Failure): Failure =>
	failure.words === undefined ? failure : { ...failure, words: redactedText(failure.words) };

const becameOf = (outcome: CallOutcome): OutcomeByInstance[string] => {
	if (outcome.state === "refused") return { ...outcome, message: redactedText(outcome.message) };
	if (outcome.state === "failed") return redactedFailure(outcome);
	if (outcome.state === "pending") return outcome;
	const { readBack, reservation, ...others } = outcome;
	const rest = { ...others, ...(reservation !== undefined && { reservation: redactedText(reservation) }) };
	if (readBack === undefined) return rest;
	const { readAt, record } = readBack;
	return { ...rest, readBack: { readAt, ...(record !== undefined && { record }) } };
};

// ── Replaying ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the hook answers today to a call that was recorded. An exception of the hook is thrown on. */
export const replayed = (row: Row, call: RecordedCall): RecordedResponse => {
	const { now, installation, revision } = call;
	const context: Context = { now, installation, ...(revision !== undefined && { revision }) };
	const request: CompositeRequest = {
		...syncRequest(call.parent, row.children, call.observed, call.related),
		finalizing: call.hook === "finalize",
	};
	if (isComposite(row)) {
		if (row.prepare !== undefined) return responseOf(concludedAs(call, row.prepare(request, context)));
		return responseOf((row[call.hook] ?? row.sync)(request, context));
	}
	const { parent, children, ...rest } = request;
	const decorated: DecoratorRequest = { ...rest, object: parent, attachments: children };
	if (row.prepare !== undefined) return responseOf(concludedAs(call, row.prepare(decorated, context)));
	return responseOf((row[call.hook] ?? row.sync)(decorated, context));
};

const concludedAs = <Response>(
	{ hook, answers: told, outcomes }: RecordedCall,
	prepared: Prepared<Response>,
): Response => {
	const answers = answersFrom(told, prepared.questions);
	const calls = prepared.decide?.(answers) ?? [];
	return prepared[hook]({
		answers,
		results: calls.map((call) => ({ call, outcome: outcomeAt(outcomes, call.instance) })),
	});
};

/** A call that was not made then: its outcome is unknown. */
const outcomeAt = (outcomes: OutcomeByInstance, instance: Instance): CallOutcome => {
	const outcome = at(outcomes, instance);
	if (outcome === undefined) return { state: "failed", failure: "Unreachable" };
	if (outcome.state !== "done") return outcome;
	const { readBack, ...rest } = outcome;
	if (readBack === undefined) return rest;
	return { ...rest, readBack: { state: "known", readAt: readBack.readAt, record: readBack.record } };
};

const at = <Value>(map: Readonly<Record<string, Value>>, { name, namespace }: Instance): Value | undefined =>
	map[`${namespace}/${name}`] ?? map[name];

/** Answers of instances, from a map by their names; an instance that is not in it does not answer. */
export const answersFrom = (told: ToldByInstance, questions: readonly Question[]): Answer[] =>
	questions.flatMap((question) => {
		const said = at(told, question.instance);
		if (said === undefined) return unanswered([question]);
		return question.about === "instance"
			? { question, answer: instanceIn(said) }
			: { question, answer: namespaceIn(said, question.namespaceId) };
	});

const instanceIn = (said: Told): InstanceAnswer => {
	if (said.state !== "known") return said;
	const digests = Object.entries(said.namespaces).map(([id, record]): [string, string] => [
		id,
		typeof record === "string" ? record : (record.digest ?? ""),
	]);
	return { ...said, namespaces: new Map(digests) };
};

/** The part of an instance's whole answer about one namespace. */
const namespaceIn = (said: Told, namespaceId: string): NamespaceAnswer => {
	if (said.state !== "known") return said;
	const { readAt } = said;
	const record = Object.hasOwn(said.namespaces, namespaceId) ? said.namespaces[namespaceId] : undefined;
	if (typeof record !== "string") return { state: "known", readAt, record };
	return { state: "known", readAt, record: { digest: record, status: "Active" } };
};
