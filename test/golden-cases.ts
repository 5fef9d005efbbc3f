import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { answered, readAnswers, readCase, replayedAnswer } from "../plugin/record/golden-case.ts";
import { render, rowOf } from "../plugin/render/render.ts";
import type { KubeObject } from "../schemas/common.ts";
import { Installation } from "../schemas/installation.ts";
import { parseDocuments, parseManifests, printManifests } from "../yaml/manifests.ts";

// What golden cases are: found by their inputs, and rendered.

const NOW = "2026-01-01T00:00:00Z";

export interface Case {
	readonly name: string;
	readonly input: string;
	/** Path without its ending, of everything else that belongs to the case. */
	readonly stem: string;
}

export const filesIn = (folder: string, ending: string): string[] =>
	readdirSync(folder)
		.filter((name) => name.endsWith(ending))
		.toSorted();

/** The cases of a folder of <case>.in.yaml and their like. */
export const casesIn = (folder: string): Case[] =>
	filesIn(folder, ".in.yaml").map((file) => {
		const name = file.slice(0, -".in.yaml".length);
		return { name, input: join(folder, file), stem: join(folder, name) };
	});

const objectsIn = (path: string): KubeObject[] =>
	existsSync(path) ? parseManifests(readFileSync(path, "utf8"), path).map(({ object }) => object) : [];

const installationOf = (path: string): Installation => {
	const [changes] = existsSync(path) ? parseDocuments(readFileSync(path, "utf8"), path) : [];
	return Value.Decode(Installation, Value.Default(Installation, changes ?? {}));
};

/** A recorded case is the one call that it was; any other is rendered, down to the last Deployment. */
export const rendered = ({ input, stem }: Case, changes: Partial<Installation> = {}): string => {
	const call = readCase(stem);
	if (call !== undefined) {
		const row = rowOf(call.parent);
		if (row === undefined) throw new Error(`${stem}: no hook is for ${call.parent.kind}`);
		return printManifests(answered(call, replayedAnswer(row, call)));
	}
	return printManifests(
		render(
			{
				manifests: objectsIn(input),
				observed: objectsIn(`${stem}.observed.yaml`),
				related: objectsIn(`${stem}.related.yaml`),
				...(existsSync(`${stem}.answers.yaml`) && { answers: readAnswers(`${stem}.answers.yaml`) }),
				tree: true,
			},
			{ now: NOW, installation: { ...installationOf(`${stem}.installation.yaml`), ...changes } },
		),
	);
};
