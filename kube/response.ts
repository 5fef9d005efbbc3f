import type { KubeObject } from "../schemas/common.ts";
import type { Warning } from "../schemas/findings/finding.ts";
import type { Context } from "../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../schemas/metacontroller.ts";
import { sendable } from "./apply-order.ts";
import { isAnnotated, unreadableSwitches } from "./boolean-annotations.ts";
import { tooLarge } from "./child-size.ts";
import { type Found, statusHead, type Verdict } from "./conditions.ts";
import { externalAddress } from "./delays.ts";
import { isUnderWay, UNDER_WAY } from "./health.ts";
import { heldChildren } from "./held-children.ts";
import { childrenJudged } from "./judged-children.ts";
import { observedOf, withoutUndefined } from "./object.ts";
import { rememberingGeneration } from "./pod-changes.ts";
import type { Refusal } from "./spec-refusal.ts";
import { soonest } from "./time.ts";
import type { Written } from "./types.ts";

export type Refreshed = (child: KubeObject) => KubeObject;

/** How the sync of a composite controller ends, after the plan has become children. */
export interface Conclusion<Status extends object> {
	readonly request: CompositeRequest;
	readonly now: string;
	/** Desired children; while the object is paused, the response contains the observed ones instead. */
	readonly children: readonly KubeObject[];
	/** First finding of the kind's own checks, which run after the shared ones. */
	readonly verdict: Verdict;
	readonly warnings: readonly Warning[];
	/** The kind's own status fields. */
	readonly status: NoInfer<Written<Status>>;
	/** Annotation that freezes the children. */
	readonly pauseAnnotation: string;
	/** Updates observed facts in a frozen child, which are no desired state, so nothing may hold them back. */
	readonly refreshed?: Refreshed | undefined;
	readonly resyncAfterSeconds?: number | undefined;
}

export function concluded<Status extends object>(conclusion: Conclusion<Status>): CompositeResponse<Status>;
export function concluded(given: Conclusion<Record<string, unknown>>): CompositeResponse {
	const conclusion = applicable(given);
	const { request, now, pauseAnnotation } = conclusion;
	const paused = isAnnotated(request.parent, pauseAnnotation);
	const children = answeredChildren(conclusion);
	const verdict = paused ? pausedVerdict(conclusion.verdict) : conclusion.verdict;
	const { missing, delayed, found, warnings, sent, resyncAfterSeconds } = judgedChildren(conclusion, children);
	const head = statusHead({
		parent: request.parent,
		verdict: found ?? verdict,
		warnings: [...conclusion.warnings, ...warnings, ...unreadableSwitches(request.parent)],
		paused: paused ? { reason: "PausedByAnnotation", about: "children", annotation: pauseAnnotation } : undefined,
		missing,
		delayed,
		now,
	});
	const address = externalAddress(children, request.children);
	const resync = soonest(conclusion.resyncAfterSeconds, resyncAfterSeconds);
	return {
		status: withoutUndefined({ ...head, externalAddress: address, ...conclusion.status }),
		children: [...sent],
		...(resync !== undefined && { resyncAfterSeconds: resync }),
	};
}

/** The input of a verdict: it reads no status field. */
type Judged = Omit<Conclusion<object>, "status">;

/** The conclusion, or a refusal if a child would be too large to be applied. */
const applicable = <Given extends Judged>(given: Given): Given => {
	const { request, children, refreshed } = given;
	const found = tooLarge(request.parent, children, request.children);
	if (found === undefined) return given;
	return { ...given, children: frozenChildren(request, refreshed), verdict: refusedVerdict(found), warnings: [] };
};

const answeredChildren = ({ request, now, children, pauseAnnotation, refreshed }: Judged): KubeObject[] =>
	isAnnotated(request.parent, pauseAnnotation)
		? frozenChildren(request, refreshed)
		: sendable(children, request, now).map((child) =>
				rememberingGeneration(child, observedOf(request.children, child)),
			);

const judgedChildren = ({ request, now, verdict }: Judged, wanted: readonly KubeObject[]) =>
	childrenJudged(
		{ parent: request.parent, wanted, observed: request.children, related: request.related, now },
		verdict.ready === "True",
	);

/** The findings of a conclusion: shared checks, then those of the kind. */
export const foundIn = (given: Judged): Found => {
	const conclusion = applicable(given);
	const { found, warnings } = judgedChildren(conclusion, answeredChildren(conclusion));
	return {
		verdict: found ?? conclusion.verdict,
		warnings: [...conclusion.warnings, ...warnings, ...unreadableSwitches(given.request.parent)],
	};
};

/** The hooks of a composite controller without calls to proxies. */
export const concluding = <Status extends object>(
	conclude: (request: CompositeRequest, context: Context) => Conclusion<Status>,
) => ({
	sync: (request: CompositeRequest, context: Context) => concluded<Status>(conclude(request, context)),
	found: (request: CompositeRequest, context: Context): Found => foundIn(conclude(request, context)),
});

/** The end of a decorator with attachments, with the same invariants as for children of a composite controller. */
export interface DecoratorConclusion<Status extends object>
	extends Omit<Conclusion<Status>, "request" | "resyncAfterSeconds"> {
	readonly request: DecoratorRequest;
	/** Always set, with jitter: a status write that lost a conflict is dropped, and nothing else would trigger a reconciliation. */
	readonly resyncAfterSeconds: number;
}

const asConclusion = <Status extends object>({
	request,
	...conclusion
}: DecoratorConclusion<Status>): Conclusion<Status> => {
	const { object: parent, attachments, ...rest } = request;
	return { ...conclusion, request: { ...rest, parent, children: attachments } };
};

export const decorated = <Status extends object>(
	conclusion: DecoratorConclusion<Status>,
): DecoratorResponse<Status> => {
	const { children, ...answer } = concluded<Status>(asConclusion(conclusion));
	return { ...answer, attachments: children };
};

export const foundInDecorated = <Status extends object>(conclusion: DecoratorConclusion<Status>): Found =>
	foundIn(asConclusion(conclusion));

/**
 * Progressing findings stay so while the object is paused. It is not Stalled: a pause in the middle of a rollout is no failure, and
 * kstatus reports Stalled as one.
 */
export const pausedVerdict = (verdict: Verdict): Verdict =>
	isUnderWay(verdict.finding.reason) && UNDER_WAY[verdict.finding.reason].stopsWhilePaused
		? {
				...verdict,
				finding: { reason: "PausedByAnnotation", about: "unfinished", before: verdict.finding },
			}
		: verdict;

/** The response without a plan: the children as observed, never fewer. */
export const frozenChildren = (request: CompositeRequest, refreshed: Refreshed = asObserved): KubeObject[] =>
	heldChildren(request.children).map((child) => refreshed(child));

const asObserved: Refreshed = (child) => child;

export const refusedVerdict = ({ finding }: Refusal): Verdict => ({
	ready: "False",
	phase: "Failed",
	finding,
	stalled: true,
});
