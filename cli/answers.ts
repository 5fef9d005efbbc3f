import { Value } from "@sinclair/typebox/value";
import { ToldByInstance } from "../schemas/recorded.ts";
import { ManifestError, parseDocuments, readText } from "./manifests.ts";

// What instances would say when `render` asks them, from a file: a map from the pod's name to its answer.

export const readAnswers = (file: string): ToldByInstance => parseAnswers(readText(file, file), file);

const parseAnswers = (text: string, source: string): ToldByInstance => {
	const [document = {}] = parseDocuments(text, source);
	if (Value.Check(ToldByInstance, document)) return document;
	const [error] = Value.Errors(ToldByInstance, document);
	throw new ManifestError(`cannot read the answers in ${source}: ${error?.path ?? ""}: ${error?.message ?? ""}`);
};
