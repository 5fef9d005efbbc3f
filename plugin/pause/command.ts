import { isAnnotated } from "../../kube/boolean-annotations.ts";
import { describeObject } from "../../kube/object.ts";
import { PAUSED_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";
import { timestamp } from "../../server/time.ts";
import { descendants } from "../cluster/cluster-view.ts";
import { placeOf, prismCommand, slashName } from "../cluster/command-lines.ts";
import type { Session } from "../cluster/context.ts";
import { RESTARTABLE, UsageError } from "../cluster/kinds.ts";
import { annotate, chosen } from "../cluster/patches.ts";

// `pause`, `resume` and `restart`: each sets an annotation, and prints the effect.

export const pause = async (session: Session, words: readonly string[]): Promise<number> => {
	const { view, objects } = await chosen(session, words);
	for (const object of objects) {
		if (isAnnotated(object, PAUSED_ANNOTATION)) {
			session.print([`${describeObject(object)} is already paused`]);
			continue;
		}
		await annotate(session, object, PAUSED_ANNOTATION, "true");
		// Only custom resources can be paused.
		const parts = descendants(view, object).filter(({ kind }) =>
			["PatternRunner", "BackendConfig", "PrismNamespace"].includes(kind),
		);
		session.print([
			`${describeObject(object)} is paused: its children stay as they are until you resume it`,
			...(parts.length === 0 ? [] : [`  not paused with it: ${parts.map(slashName).join(", ")}`]),
			`  ${prismCommand(session.speech, "resume", slashName(object), ...placeOf(object))}`,
		]);
	}
	return 0;
};

export const resume = async (session: Session, words: readonly string[]): Promise<number> => {
	const { objects } = await chosen(session, words);
	for (const object of objects) {
		if (object.metadata.annotations?.[PAUSED_ANNOTATION] === undefined) {
			session.print([`${describeObject(object)} is not paused`]);
			continue;
		}
		await annotate(session, object, PAUSED_ANNOTATION, null);
		session.print([`${describeObject(object)} is resumed: the operator applies the changes made meanwhile`]);
	}
	return 0;
};

export const restart = async (session: Session, words: readonly string[]): Promise<number> => {
	const { view, objects } = await chosen(session, words);
	const others = objects.filter(({ kind }) => !RESTARTABLE.includes(kind));
	if (others.length > 0)
		throw new UsageError(
			`${others.map(describeObject).join(", ")}: only ${RESTARTABLE.join(", ")} have pods that can be restarted`,
		);
	const now = timestamp();
	for (const object of objects) {
		await annotate(session, object, RESTARTED_AT_ANNOTATION, now);
		const runners = view.owned(object).filter(({ kind }) => kind === "PatternRunner");
		session.print([
			`${describeObject(object)} is restarting: its pods are replaced one by one`,
			...(isAnnotated(object, PAUSED_ANNOTATION) ? ["  it is paused: the pods restart once it is resumed"] : []),
			...(runners.length === 0
				? []
				: [
						`  its patterns have pods of their own: ${prismCommand(session.speech, "restart", ...runners.map(slashName), ...placeOf(object))}`,
					]),
		]);
	}
	return 0;
};
