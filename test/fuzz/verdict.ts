import { isRecord } from "../../kube/object.ts";
import type { Case, Expected } from "./message.ts";
import { CANARY, PASSWORD } from "./mutations.ts";
import { PRESENT } from "./requests.ts";
import type { Outcome, Reply } from "./wire.ts";

// Whether what came back is right. Each finding is one sentence.

/** Every status that the server returns, and its meaning. docs/robustness-hostile.md has the same table. */
export const ANSWERS: Readonly<Record<number, string>> = {
	200: "the webhook returned a result, which can also report an invalid spec",
	400: "not HTTP, not JSON, or not a request of Metacontroller",
	401: "no valid token",
	404: "no such path",
	405: "the path has other methods",
	408: "the request did not arrive in time",
	413: "the body is too large",
	415: "the body is not application/json",
	417: "an expectation that the server does not support",
	422: "the object is not of the webhook's kind",
	429: "overloaded: retry later",
	431: "the headers are too large",
	505: "unsupported version of HTTP",
};

const STACK = /\n\s+at \S|node_modules|node:internal|\/(?:server|hooks|kube|schemas)\/[\w/]+\.ts/;

export const findingsOf = (attack: Case, { replies, ended }: Outcome, asked: number): string[] => {
	if (ended === "hung") return ["nobody answered, and the connection stayed open"];
	const missing = attack.expected.length - replies.length;
	// A connection may be closed behind an answer to what can't be read: what follows it is lost, rightly.
	const cut = attack.mayBeCut === true || replies.some(({ status }) => status === 400 || status === 413);
	return [
		...(missing > 0 && !cut ? [`${missing} of ${attack.expected.length} answers are missing`] : []),
		...replies.flatMap((reply, index) => {
			const expected = attack.expected[index];
			return expected === undefined ? ["an answer that nobody asked for"] : findingsOfReply(expected, reply, asked);
		}),
	];
};

const findingsOfReply = ({ statuses, good }: Expected, reply: Reply, asked: number): string[] => {
	const { status, headers, body } = reply;
	if (status === 429) {
		return /^[1-5]$/.test(headers["retry-after"] ?? "") ? [] : ["429 without the time at which to come back"];
	}
	const found: string[] = [];
	if (!statuses.includes(status)) found.push(`answered ${status} instead of ${statuses.join(" or ")}: ${quoted(body)}`);
	if (ANSWERS[status] === undefined) found.push(`${status} is no documented answer`);
	if (status !== 200) return [...found, ...findingsOfRefusal(body)];
	return [...found, ...(good === undefined ? findingsOfAnswer(body) : differences(good.answer, body, asked))];
};

/** A refusal says what is wrong in words of ours, and nothing else. */
const findingsOfRefusal = (body: string): string[] => {
	const found: string[] = [];
	if (body.includes(CANARY)) found.push(`a refusal quotes what was sent: ${quoted(body)}`);
	if (STACK.test(body)) found.push(`a refusal shows a stack: ${quoted(body)}`);
	if (body === "") return found;
	const parsed = parsedOf(body);
	const isOurs = isRecord(parsed) && typeof parsed["error"] === "string";
	return isOurs && Object.keys(parsed).every((key) => key === "code" || key === "error" || key === "field")
		? found
		: [...found, `a refusal has another form: ${quoted(body)}`];
};

const FIELDS = [
	"status",
	"children",
	"attachments",
	"resyncAfterSeconds",
	"finalized",
	"relatedResources",
	"labels",
	"annotations",
];

/** What Metacontroller requires of every answer: it knows these fields, and writes each child by its name. */
const findingsOfAnswer = (body: string): string[] => {
	if (!body.startsWith("{")) return [];
	const answer = parsedOf(body);
	if (!isRecord(answer)) return [`an answer is no object: ${quoted(body)}`];
	if ("alive" in answer || "ready" in answer) return [];
	const found: string[] = [];
	const unknown = Object.keys(answer).filter((key) => !FIELDS.includes(key));
	if (unknown.length > 0) found.push(`an answer has fields that Metacontroller refuses: ${unknown.join(", ")}`);
	if (JSON.stringify(answer["status"] ?? {}).includes(PASSWORD)) {
		found.push(`a status shows a password: ${quoted(JSON.stringify(answer["status"]))}`);
	}
	if (STACK.test(JSON.stringify(answer["status"] ?? {}))) found.push("a status shows a stack");
	const children = [answer["children"] ?? [], answer["attachments"] ?? []].flat();
	for (const child of children) {
		const named = isRecord(child) && isRecord(child["metadata"]) && typeof child["metadata"]["name"] === "string";
		if (named && typeof child["kind"] === "string" && typeof child["apiVersion"] === "string") continue;
		found.push(`a child is no object: ${quoted(JSON.stringify(child))}`);
		break;
	}
	return found;
};

/** The hook was called at one of the seconds since the request was sent. */
const differences = (wanted: string | undefined, body: string, asked: number): string[] => {
	if (wanted === undefined) return findingsOfAnswer(body);
	if (wanted === body) return [];
	for (let at = Math.floor(asked / 1000) * 1000; at <= Date.now(); at += 1000) {
		const second = `${new Date(at).toISOString().slice(0, 19)}Z`;
		if (body.replaceAll(second, PRESENT) === wanted) return [];
	}
	return [`a request that is fine was answered otherwise than ever: ${quoted(body)}`];
};

/** What a log may never hold, in what was written of it since. */
export const findingsOfLog = (text: string): string[] => {
	const found: string[] = [];
	const line = (pattern: RegExp | string) => text.split("\n").find((candidate) => candidate.search(pattern) !== -1);
	if (text.includes(CANARY)) found.push(`a log line shows what was sent: ${quoted(line(CANARY) ?? "")}`);
	if (/"level":[56]0/.test(text))
		found.push(`a log line tells of a failure: ${(line(/"level":[56]0/) ?? "").slice(0, 2000)}`);
	if (STACK.test(text)) found.push(`a log line shows a stack: ${(line(STACK) ?? "").slice(0, 2000)}`);
	return found;
};

const parsedOf = (body: string): unknown => {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
};

const quoted = (text: string): string => JSON.stringify(text.length > 3000 ? `${text.slice(0, 3000)}...` : text);
