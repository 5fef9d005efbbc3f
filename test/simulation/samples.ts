import { globSync } from "node:fs";
import { readManifests } from "../../cli/manifests.ts";
import { KINDS } from "../../hooks/index.ts";
import type { Sample } from "./crashes.ts";

// The project's samples and those of the documents, as somebody applies them who has no namespace of his own.

export const samples = (): Sample[] => {
	const single = files();
	const together = ["adr-037", "memo-036"].map((document) => ({
		name: `documents/${document}, all of it`,
		andDelete: true,
		objects: single.filter(({ name }) => name.startsWith(`documents/${document}`)).flatMap(({ objects }) => objects),
	}));
	return [...single, ...together];
};

const files = (): Sample[] =>
	globSync("samples/**/*.yaml")
		.toSorted()
		.map((file) => ({
			name: file.replace(/^samples\//, "").replace(/\.yaml$/, ""),
			andDelete: true,
			objects: readManifests(file)
				.map(({ object }) => object)
				.filter(({ kind }) => KINDS.some((ours) => ours.kind === kind))
				.map((object) => ({
					...object,
					metadata: { ...object.metadata, namespace: object.metadata.namespace ?? "default" },
				})),
		}))
		.filter(({ objects }) => objects.length > 0);
