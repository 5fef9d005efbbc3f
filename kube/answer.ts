import type { KubeObject } from "../schemas/common.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../schemas/metacontroller.ts";
import { missingChildren, missingResync, nameTaken, statusHead, type Verdict } from "./conditions.ts";
import { heldChildren } from "./hold.ts";
import { isAnnotated, withoutUndefined } from "./object.ts";
import type { Refusal } from "./refusal.ts";

export type Refreshed = (child: KubeObject) => KubeObject;

/** How a composite's sync concludes, once its plan has become children. */
export interface Conclusion {
	readonly request: CompositeRequest;
	readonly now: string;
	/** Children that spec wants; while the object is paused, the observed ones are answered in their place. */
	readonly children: readonly KubeObject[];
	/** First finding of the kind's own checks, which come after those that all kinds share. */
	readonly verdict: Verdict;
	readonly warnings: readonly string[];
	/** The kind's own status fields. */
	readonly status: Record<string, unknown>;
	/** Annotation that freezes the children while it says "true". */
	readonly pauseAnnotation: string;
	/** Brings up to date what a frozen child tells of the world: that is no intent, so that nothing may hold it up. */
	readonly refreshed?: Refreshed | undefined;
	readonly resyncAfterSeconds?: number | undefined;
}

export const concluded = (conclusion: Conclusion): CompositeResponse => {
	const { request, now, warnings, pauseAnnotation } = conclusion;
	const paused = isAnnotated(request.parent, pauseAnnotation);
	const children = paused ? frozenChildren(request, conclusion.refreshed) : [...conclusion.children];
	const missing = missingChildren(request.parent, children, request.children, now);
	const verdict = paused ? pausedVerdict(conclusion.verdict) : conclusion.verdict;
	const head = statusHead({
		parent: request.parent,
		verdict: nameTaken(request.parent, missing, now) ?? verdict,
		warnings,
		paused: paused ? `children stay as they are until the annotation ${pauseAnnotation} is removed` : undefined,
		missing,
		now,
	});
	const resync = soonest(conclusion.resyncAfterSeconds, missingResync(missing, now));
	return {
		status: withoutUndefined({ ...head, ...conclusion.status }),
		children,
		...(resync !== undefined && { resyncAfterSeconds: resync }),
	};
};

/** How a decorator with attachments concludes: they are held to the same laws as a composite's children. */
export interface DecoratorConclusion extends Omit<Conclusion, "request" | "resyncAfterSeconds"> {
	readonly request: DecoratorRequest;
	/** Always given, and jittered: a status write that lost a conflict is swallowed, and nobody else would come back. */
	readonly resyncAfterSeconds: number;
}

export const decorated = ({ request, ...conclusion }: DecoratorConclusion): DecoratorResponse => {
	const { object: parent, attachments, ...rest } = request;
	const { children, ...answer } = concluded({
		...conclusion,
		request: { ...rest, parent, children: attachments },
	});
	return { ...answer, attachments: children };
};

/** Reasons of what is under way. */
const UNDER_WAY: readonly string[] = ["Progressing", "RollingBack"];

/** What is under way stays so while the object is paused: then it is waiting for somebody, not for time. */
export const pausedVerdict = (verdict: Verdict): Verdict =>
	UNDER_WAY.includes(verdict.reason)
		? {
				...verdict,
				reason: "PausedByAnnotation",
				message: `paused before this was done: ${verdict.message}`,
				stalled: true,
			}
		: verdict;

const soonest = (...seconds: (number | undefined)[]): number | undefined => {
	const known = seconds.filter((value) => value !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
};

/** What is answered instead of a plan: the children as they were observed, never fewer. */
export const frozenChildren = (request: CompositeRequest, refreshed: Refreshed = asObserved): KubeObject[] =>
	heldChildren(request.children).map((child) => refreshed(child));

const asObserved: Refreshed = (child) => child;

export const refusedVerdict = ({ reason, message }: Refusal): Verdict => ({
	ready: "False",
	phase: "Failed",
	reason,
	message,
	stalled: true,
});
