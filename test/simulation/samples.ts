import { globSync } from "node:fs";
import { USUAL_DIALECT } from "../../devcluster/proxy/faults.ts";
import { KINDS } from "../../hooks/index.ts";
import { valueAt } from "../../kube/object.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { DIALECTS } from "../dialects.ts";
import type { Sample } from "./crashes.ts";

// The project's samples and those of the documents, as somebody applies them who has no namespace of his own.

export const samples = (): Sample[] => {
	const single = files();
	const together = ["adr-037", "memo-036"].map((document) => ({
		name: `documents/${document}, all of it`,
		andDelete: true,
		objects: single.filter(({ name }) => name.startsWith(`documents/${document}`)).flatMap(({ objects }) => objects),
	}));
	const all = [...single, ...together];
	// Control planes in their usual dialect, and in the others where that makes a difference.
	return all.flatMap((sample) => [sample, ...(hasControlledTenants(sample) ? inOtherDialects(sample) : [])]);
};

const hasControlledTenants = ({ objects }: Sample): boolean =>
	objects.some((object) => valueAt(object, "spec", "admin", "enabled") === true) &&
	objects.some((object) => object.kind === "PrismNamespace" || valueAt(object, "spec", "namespaces") !== undefined);

const inOtherDialects = (sample: Sample): Sample[] =>
	DIALECTS.filter((dialect) => dialect !== USUAL_DIALECT.controlPlane).map((controlPlanes) => ({
		...sample,
		name: `${sample.name}, with ${controlPlanes} control planes`,
		controlPlanes,
	}));

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
