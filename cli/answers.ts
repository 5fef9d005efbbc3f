import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ADMIN_FAILURES, type AdminFailure, type InstanceAnswer } from "../schemas/admin.ts";
import { Choice, Timestamp } from "../schemas/common.ts";
import { ManifestError, parseDocuments, readText } from "./manifests.ts";

// What instances would say when `render` asks them, from a file: a map from the pod's name to its answer.

const FAILURES = Object.keys(ADMIN_FAILURES).filter((name): name is AdminFailure =>
	Object.hasOwn(ADMIN_FAILURES, name),
);

const Told = Type.Union([
	Type.Object({
		state: Type.Literal("known"),
		readAt: Timestamp({ description: "When the instance was read." }),
		storeId: Type.Optional(Type.String()),
		namespaces: Type.Record(Type.String(), Type.String()),
		metrics: Type.Optional(
			Type.Object({ requestsPerSecond: Type.Number(), p99LatencyMs: Type.Optional(Type.Number()) }),
		),
	}),
	Type.Object({ state: Type.Literal("unverifiable") }),
	Type.Object({ state: Type.Literal("unknown"), failure: Choice(FAILURES) }),
]);

const Answers = Type.Record(Type.String(), Told);

export const readAnswers = (file: string): ReadonlyMap<string, InstanceAnswer> =>
	parseAnswers(readText(file, file), file);

const parseAnswers = (text: string, source: string): ReadonlyMap<string, InstanceAnswer> => {
	const [document = {}] = parseDocuments(text, source);
	if (!Value.Check(Answers, document)) {
		const [error] = Value.Errors(Answers, document);
		throw new ManifestError(`cannot read the answers in ${source}: ${error?.path ?? ""}: ${error?.message ?? ""}`);
	}
	return new Map(Object.entries(document).map(([name, told]) => [name, answerOf(told)]));
};

const answerOf = (told: Static<typeof Told>): InstanceAnswer =>
	told.state === "known" ? { ...told, namespaces: new Map(Object.entries(told.namespaces)) } : told;
