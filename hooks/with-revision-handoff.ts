import { isAnnotated } from "../kube/boolean-annotations.ts";
import { type CompositeRow, type DecoratorRow, isComposite, type Prepared, type Row } from "../kube/hook.ts";
import { HELD_SECONDS, heldSeconds, heldStatus, signature, signedChild, stampOf } from "../kube/revision-handoff.ts";
import { NOTHING_ASKED, type Outside } from "../schemas/admin.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { Context } from "../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
	ObjectMap,
} from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION, PAUSED_ANNOTATION, SENT_BY_ANNOTATION } from "../schemas/vocabulary.ts";

// Rows that don't undo what an operator of another revision has just made (kube/revision-handoff.ts). All kinds take part whose
// status has a place for the signature; their own hooks know nothing of it.

export const withHandoff = (row: Row): Row => {
	if (!Object.hasOwn(row.parent.status.properties, "operator")) return row;
	return isComposite(row) ? composite(row) : decorator(row);
};

const composite = (row: CompositeRow): CompositeRow => ({ ...row, ...succeedingHooks(row, COMPOSITE) });

const COMPOSITE: Places<CompositeRequest, CompositeResponse> = {
	parentOf: ({ parent }) => parent,
	observedOf: ({ children }) => children,
	childrenOf: ({ children }) => children,
	withParent: (request, parent) => ({ ...request, parent }),
	withChildren: (answer, children) => ({ ...answer, children }),
};

/** A decorator remembers in its status how far it is: left as it is, it goes on from there. */
const decorator = (row: DecoratorRow): DecoratorRow => ({ ...row, ...succeedingHooks(row, DECORATOR) });

const DECORATOR: Places<DecoratorRequest, DecoratorResponse> = {
	parentOf: ({ object }) => object,
	observedOf: ({ attachments }) => attachments,
	childrenOf: ({ attachments }) => attachments,
	withParent: (request, object) => ({ ...request, object }),
	withChildren: (answer, attachments) => ({ ...answer, attachments }),
};

type Hook<Request, Response> = (request: Request, context: Context, outside?: Outside) => Response;

interface Answer {
	status?: Record<string, unknown> | null;
	resyncAfterSeconds?: number;
}

/** Where a request and an answer have what matters here. */
interface Places<Request, Response> {
	readonly parentOf: (request: Request) => KubeObject;
	readonly observedOf: (request: Request) => ObjectMap;
	readonly childrenOf: (response: Response) => readonly KubeObject[];
	readonly withParent: (request: Request, parent: KubeObject) => Request;
	readonly withChildren: (response: Response, children: KubeObject[]) => Response;
}

interface Hooks<Request, Response> {
	readonly prepare?: (request: Request, context: Context) => Prepared<Response>;
	readonly sync: Hook<Request, Response>;
	readonly finalize?: Hook<Request, Response>;
}

const succeedingHooks = <Request, Response extends Answer>(
	{ prepare, sync, finalize }: Hooks<Request, Response>,
	places: Places<Request, Response>,
): Hooks<Request, Response> => ({
	sync: succeeding(sync, places),
	...(finalize && { finalize: signed(finalize, places.parentOf) }),
	...(prepare && {
		prepare: (request, context) => {
			const own = prepare(request, context);
			// What is prepared is of this request; as paused, it is another one.
			const prepared: Hook<Request, Response> = (its, ...given) =>
				its === request ? own.sync(given[1] ?? NOTHING_ASKED) : sync(its, ...given);
			return {
				...own,
				sync: (outside) => succeeding(prepared, places)(request, context, outside),
				finalize: (outside) => signed(() => own.finalize(outside), places.parentOf)(request, context, outside),
			};
		},
	}),
});

const succeeding =
	<Request, Response extends Answer>(
		sync: Hook<Request, Response>,
		{ parentOf, observedOf, childrenOf, withParent, withChildren }: Places<Request, Response>,
	): Hook<Request, Response> =>
	(request, context, outside) => {
		const { revision, now } = context;
		// A command that only computes a response has no other replica beside it.
		if (revision === undefined) return sync(request, context, outside);
		const parent = parentOf(request);
		// These make nothing of the spec, so that there is nothing to sign.
		if (isAnnotated(parent, PAUSED_ANNOTATION) || parent.metadata.deletionTimestamp !== undefined)
			return signed(sync, parentOf)(request, context, outside);
		const made = {
			parent,
			observed: observedOf(request),
			hashAnnotation: DESIRED_HASH_ANNOTATION,
			signatureAnnotation: SENT_BY_ANNOTATION,
		};
		const left = heldSeconds(made, { revision, now });
		if (left === undefined) {
			const answer = sync(request, context, outside);
			const { status } = answer;
			const children = childrenOf(answer);
			const stamp = signature(made, { children, status: status ?? undefined }, { revision, now });
			const signedChildren = children.map((child) => signedChild(child, made, { revision, now }));
			return withStamp(withChildren(answer, signedChildren), stamp);
		}
		// Its children as those of a paused object: as they were observed, except for the observations in rosters.
		const answer = sync(withParent(request, paused(parent)), context, outside);
		return {
			...answer,
			status: heldStatus(made, childrenOf(answer), now),
			resyncAfterSeconds: Math.min(left + 1, HELD_SECONDS, answer.resyncAfterSeconds ?? HELD_SECONDS),
		};
	};

/** A hook whose answers keep the signature that is there. */
const signed =
	<Request, Response extends Answer>(
		hook: Hook<Request, Response>,
		parentOf: (request: Request) => KubeObject,
	): Hook<Request, Response> =>
	(request, context, outside) => {
		const stamp = context.revision === undefined ? undefined : stampOf(parentOf(request));
		return withStamp(hook(request, context, outside), stamp);
	};

/** An answer without a status leaves alone the one that is there, with its signature. */
const withStamp = <Response extends Answer>(answer: Response, operator: ReturnType<typeof stampOf>): Response =>
	answer.status && operator ? { ...answer, status: { ...answer.status, operator } } : answer;

const paused = (parent: KubeObject): KubeObject => ({
	...parent,
	metadata: { ...parent.metadata, annotations: { ...parent.metadata.annotations, [PAUSED_ANNOTATION]: "true" } },
});
