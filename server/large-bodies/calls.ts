import { hookPath, isComposite, type Row } from "../../kube/hook.ts";
import { withoutUndefined } from "../../kube/object.ts";
import { NOTHING_ASKED, type Outside, type Question } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { CompositeRequest, DecoratorRequest } from "../../schemas/metacontroller.ts";
import type { Concluding } from "../answer.ts";
import { parseBody } from "../body.ts";
import { checkedParent, checkRequest } from "../envelope.ts";
import { Refusal } from "../rejected-request.ts";
import { answerSummary, describeError, type HookAnswer } from "../sync-log.ts";
import { systemTime } from "../time.ts";
import { type Begun, type Concluded, handedOver, type LargeCall, type Reply, type ThreadStep } from "./messages.ts";

// The thread's part: everything that takes long about a large body, from the check of its shape to the text of the response.

interface Call {
	readonly parent: KubeObject;
	readonly questions: readonly Question[];
	readonly compute: (outside: Outside | undefined) => HookAnswer;
}

type Hook = (body: unknown, context: Context) => Call;

export type Post = (reply: Reply, handOver: ArrayBuffer[]) => void;

/** Returns what the thread does with a message. */
export function createLargeCalls(rows: readonly Row[], post: Post): (step: ThreadStep) => void {
	const hooks = new Map(rows.flatMap(hooksByPath));
	const begun = new Map<number, Call>();

	const begin = (id: number, { path, bytes, context }: LargeCall): Begun => {
		const hook = hooks.get(path);
		if (hook === undefined) throw new Error("there is no such hook");
		const call = hook(parseBody(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), context);
		begun.set(id, call);
		return { parent: withoutSpec(call.parent), questions: call.questions };
	};
	const conclude = (id: number, outside: Outside | undefined): Concluded => {
		const call = begun.get(id);
		begun.delete(id);
		if (call === undefined) throw new Error("the call has not begun");
		const from = systemTime.monotonic();
		const answer = call.compute(outside);
		const body = Buffer.from(JSON.stringify(answer));
		return { body, summary: answerSummary(answer), ms: systemTime.monotonic() - from };
	};
	return (step) => {
		const { id } = step;
		if ("drop" in step) return void begun.delete(id);
		try {
			const result = "begin" in step ? begin(id, step.begin) : conclude(id, step.conclude);
			return post({ id, ...result }, "body" in result ? handedOver(result.body) : []);
		} catch (error) {
			return post(
				{ id, ...(error instanceof Refusal ? { refusal: error.data } : { failure: describeError(error) }) },
				[],
			);
		}
	};
}

const hooksByPath = (row: Row): [string, Hook][] =>
	isComposite(row)
		? concludingHooks(row, row, checkRequest(CompositeRequest), ({ parent }) => parent)
		: concludingHooks(row, row, checkRequest(DecoratorRequest), ({ object }) => object);

function concludingHooks<Request extends CompositeRequest | DecoratorRequest>(
	row: Row,
	{ prepare, ...hooks }: Concluding<Request>,
	check: (body: unknown) => Request,
	parentOf: (request: Request) => KubeObject,
): [string, Hook][] {
	return (["sync", "finalize"] as const).flatMap((name): [string, Hook][] => {
		const hook = hooks[name];
		if (hook === undefined) return [];
		const begun: Hook = (body, context) => {
			const request = check(body);
			const parent = checkedParent(row, parentOf(request));
			if (prepare === undefined) return { parent, questions: [], compute: () => hook(request, context) };
			try {
				const { questions, [name]: compute } = prepare(request, context);
				return { parent, questions, compute: (outside = NOTHING_ASKED) => compute(outside) };
			} catch (error) {
				// Thrown when the server knows which object it is about.
				const compute = () => {
					throw error;
				};
				return { parent, questions: [], compute };
			}
		};
		return [[hookPath(row, name), begun]];
	});
}

const withoutSpec = ({ apiVersion, kind, metadata, status }: KubeObject): KubeObject => {
	const { name, namespace, uid, generation, creationTimestamp } = metadata;
	return withoutUndefined<KubeObject>({
		apiVersion,
		kind,
		metadata: withoutUndefined({ name, namespace, uid, generation, creationTimestamp }),
		status,
	});
};
