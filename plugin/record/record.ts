import { KINDS } from "../../hooks/index.ts";
import type { KindDescriptor } from "../../schemas/common.ts";
import type { RecordedCall } from "../../schemas/recorded-call.ts";
import { ManifestError, readText } from "../../yaml/manifests.ts";
import { descriptorNamed } from "../cluster/kinds.ts";
import { rowOf } from "../render/render.ts";
import { parseCall, rehashed, writeCase } from "./golden-case.ts";

// `record`: saves a call from the dashboard, or a copied one, as a golden case.

export interface RecordOptions {
	/** Base of the dashboard's URL. */
	readonly from: string;
	/** File with a recorded call; "-": standard input. */
	readonly file?: string;
	/** Number of an older call in the dashboard; undefined: the last one. */
	readonly call?: string;
	/** Path of the case without its extension; undefined: <kind>-<name> in the current folder. */
	readonly output?: string;
}

/** Returns the paths of the files that were written. */
export const record = async (kind: string, object: string, options: RecordOptions): Promise<string[]> => {
	const { kind: known, singular } = kindNamed(kind);
	const [name = "", namespace = "default"] = object.split("/").toReversed();
	const { file } = options;
	const call =
		file === undefined
			? await fetched(options, [known, namespace, name])
			: parseCall(readText(file, file === "-" ? "standard input" : file), file);
	const { parent } = call;
	if (parent.kind !== known || parent.metadata.name !== name || parent.metadata.namespace !== namespace)
		throw new ManifestError(
			`cannot record ${known} ${namespace}/${name}: the call is of ${parent.kind} ${parent.metadata.namespace}/${parent.metadata.name}`,
		);
	const row = rowOf(parent);
	return writeCase(options.output ?? `${singular}-${name}`, row === undefined ? call : rehashed(row, call));
};

/** Any name of the kind that kubectl accepts. */
const kindNamed = (word: string): KindDescriptor => {
	const found = descriptorNamed(word);
	if (found !== undefined) return found;
	throw new ManifestError(`cannot record ${word}: unknown kind (known: ${KINDS.map(({ kind }) => kind).join(", ")})`);
};

const fetched = async ({ from: base, call }: RecordOptions, place: readonly string[]): Promise<RecordedCall> => {
	const query = call === undefined ? "" : `?call=${encodeURIComponent(call)}`;
	const url = `${base.replace(/\/$/, "")}/object/${place.map(encodeURIComponent).join("/")}/case.yaml${query}`;
	const response = await fetch(url).catch(() => {
		throw new ManifestError(
			`cannot reach the dashboard at ${base}: set PRISM_DASHBOARD to enable it. \`prism-operator dashboard\` forwards it from a cluster`,
		);
	});
	if (response.status === 404)
		throw new ManifestError(
			`cannot find a call of ${place[0]} ${place.slice(1).join("/")} in the dashboard: there was none in the last 15 min, it was too large, or another replica has it`,
		);
	if (!response.ok) throw new ManifestError(`cannot read ${url}: the dashboard returned status ${response.status}`);
	return parseCall(await response.text(), url);
};
