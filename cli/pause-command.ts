import { timestampOf } from "../kube/time.ts";
import type { KubeObject } from "../schemas/common.ts";
import { PAUSED_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../schemas/vocabulary.ts";
import { type GivenFlags, sessionOf } from "./cluster/context.ts";
import { UsageError } from "./cluster/kinds.ts";
import { annotate, chosen } from "./cluster/patches.ts";
import { placeOf, prismCommand, slashName } from "./cluster/speech.ts";
import { descendants } from "./cluster/view.ts";

// `pause`, `resume` and `restart`: an annotation each, and a word on what it does and does not.

type Flags = GivenFlags;

const isPaused = ({ metadata: { annotations = {} } }: KubeObject): boolean => annotations[PAUSED_ANNOTATION] === "true";

const title = ({ kind, metadata: { namespace, name } }: KubeObject): string => `${kind} ${namespace}/${name}`;

export const pause = async (words: readonly string[], flags: Flags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const { view, objects } = await chosen(session, words);
	for (const object of objects) {
		if (isPaused(object)) {
			session.print([`${title(object)} is paused already`]);
			continue;
		}
		await annotate(session, object, PAUSED_ANNOTATION, "true");
		// Only objects of ours have children that could be paused by themselves.
		const parts = descendants(view, object).filter(({ kind }) =>
			["PatternRunner", "BackendConfig", "PrismNamespace"].includes(kind),
		);
		session.print([
			`${title(object)} is paused: what it made stays as it is, whatever is changed`,
			...(parts.length === 0
				? []
				: [`  not handed down: ${parts.map(slashName).join(", ")} go${parts.length === 1 ? "es" : ""} on`]),
			`  ${prismCommand(session.speech, "resume", slashName(object), ...placeOf(object))}`,
		]);
	}
	return 0;
};

export const resume = async (words: readonly string[], flags: Flags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const { objects } = await chosen(session, words);
	for (const object of objects) {
		if (object.metadata.annotations?.[PAUSED_ANNOTATION] === undefined) {
			session.print([`${title(object)} is not paused`]);
			continue;
		}
		await annotate(session, object, PAUSED_ANNOTATION, null);
		session.print([`${title(object)} goes on: what was changed meanwhile is carried out now`]);
	}
	return 0;
};

/** Kinds whose pods can be replaced by their parent's annotation. */
const RESTARTABLE: readonly string[] = ["PrismStack", "PatternRunner", "PrismShard"];

export const restart = async (words: readonly string[], flags: Flags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const { view, objects } = await chosen(session, words);
	const others = objects.filter(({ kind }) => !RESTARTABLE.includes(kind));
	if (others.length > 0)
		throw new UsageError(
			`${others.map(title).join(", ")}: only ${RESTARTABLE.join(", ")} have pods that can be restarted`,
		);
	const now = timestampOf(Date.now());
	for (const object of objects) {
		await annotate(session, object, RESTARTED_AT_ANNOTATION, now);
		const runners = view.owned(object).filter(({ kind }) => kind === "PatternRunner");
		session.print([
			`${title(object)} is restarted: its pods are replaced one after the other`,
			...(isPaused(object) ? ["  it is paused: that happens once it is resumed"] : []),
			...(runners.length === 0
				? []
				: [
						`  its patterns have pods of their own: ${prismCommand(session.speech, "restart", ...runners.map(slashName), ...placeOf(object))}`,
					]),
		]);
	}
	return 0;
};
