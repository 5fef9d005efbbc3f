import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { REGISTRY } from "../../hooks/index.ts";
import { type HookName, hookPath, hooksOf, isComposite, type Row } from "../../kube/hook.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import { revisionOf } from "../../kube/revision-handoff.ts";
import { rowOf } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest, DecoratorRequest } from "../../schemas/metacontroller.ts";
import { readTokens } from "../../server/tokens.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { requestOf, sync } from "../laws/cluster.ts";
import { nearScenarioOf, scenarioOf, validSpec } from "../laws/scenario.ts";
import { asComposite } from "../world/decorators.ts";
import { TOKEN } from "./message.ts";
import { FUZZED_RELEASE } from "./release.ts";

// Requests as Metacontroller sends them: of the golden cases, and of what the schemas allow. They are sent as they are,
// and are what mutations begin with.

export interface Good {
	readonly path: string;
	readonly body: string;
	/** What has to be answered, with NOW for the time of the call; undefined where that depends on time, or on a proxy. */
	readonly answer: string | undefined;
}

const NOW = "2026-01-01T00:00:00Z";
/** In answers, in the place of the moment at which the hook was called. */
export const PRESENT = "NOW";

const GOLDEN = join(import.meta.dirname, "../golden");
const SAMPLES = join(import.meta.dirname, "../../samples");

/** Requests of every golden case, of every sample and of each hook. */
export const goldenRequests = (installation: Installation): Good[] => {
	const inputs = readdirSync(GOLDEN).filter((name) => name.endsWith(".in.yaml"));
	const objectsIn = (path: string) => (existsSync(path) ? readManifests(path).map(({ object }) => object) : []);
	const ofCases = inputs.flatMap((name) => {
		const stem = join(GOLDEN, name.slice(0, -".in.yaml".length));
		const [observed, related] = [objectsIn(`${stem}.observed.yaml`), objectsIn(`${stem}.related.yaml`)];
		return objectsIn(join(GOLDEN, name)).flatMap((manifest) => requestsOf(manifest, observed, related, installation));
	});
	const samples = readdirSync(SAMPLES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
	const ofSamples = samples.flatMap((name) =>
		objectsIn(join(SAMPLES, name)).flatMap((manifest) => requestsOf(manifest, [], [], installation)),
	);
	return [...ofCases, ...ofSamples];
};

const requestsOf = (
	manifest: KubeObject,
	observed: readonly KubeObject[],
	related: readonly KubeObject[],
	installation: Installation,
): Good[] => {
	const row = rowOf(manifest);
	if (row === undefined) return [];
	const request = syncRequest(admitted(row.parent, manifest, NOW), row.children, observed, related);
	return hooksOf(row).map((hook) => goodOf(row, hook, request, installation));
};

/** Made once for each row: describing a whole schema takes longer than making a value of it. */
const SCENARIOS = REGISTRY.map((row) => {
	const composite = asComposite(row);
	return { row, composite, valid: scenarioOf(composite, validSpec(composite)), near: nearScenarioOf(composite) };
});

/** Requests of made-up objects, some of them not quite right, half of them with the children that they already have. */
export const madeUpRequests = (seed: number, ofEach: number, installation: Installation): Good[] =>
	SCENARIOS.flatMap(({ row, composite, valid, near }) => {
		const sampled = { seed, numRuns: ofEach };
		const scenarios = [...fc.sample(valid, sampled), ...fc.sample(near, sampled)];
		return scenarios.flatMap((scenario, index) => {
			const children = index % 2 === 0 ? [] : sync(composite, scenario, []).children;
			const request = requestOf(composite, scenario, children);
			return hooksOf(row).map((hook) => goodOf(row, hook, request, installation));
		});
	});

const goodOf = (row: Row, hook: HookName, request: CompositeRequest, installation: Installation): Good => {
	const body = bodyOf(row, hook, request);
	const parsed: unknown = JSON.parse(JSON.stringify(body));
	const revision = revisionOf(FUZZED_RELEASE, installation);
	const { keys } = readTokens(TOKEN);
	const [first, later] = ["2026-07-01T12:00:00Z", "2027-03-04T05:06:07Z"].map((now) =>
		answerTo(row, hook, parsed as never, { now, installation, revision, keys })?.replaceAll(now, PRESENT),
	);
	return { path: hookPath(row, hook), body: JSON.stringify(body), answer: first === later ? first : undefined };
};

const bodyOf = (row: Row, hook: HookName, { parent, children, ...request }: CompositeRequest): object => {
	if (hook === "customize") return { controller: {}, parent };
	const finalizing = hook === "finalize";
	const metadata = { ...parent.metadata, ...(finalizing && { deletionTimestamp: NOW }) };
	const object = { ...parent, metadata };
	if (isComposite(row)) return { ...request, parent: object, children, finalizing };
	return { ...request, object, attachments: children, finalizing };
};

/** undefined: the hook asks proxies, and what they say is not known beforehand. */
const answerTo = (
	row: Row,
	hook: HookName,
	body: CompositeRequest & DecoratorRequest,
	context: Context,
): string | undefined => {
	if (hook === "customize") return JSON.stringify(row.customize?.(body));
	const prepared = row.prepare?.(body, context);
	if (prepared === undefined) return JSON.stringify(row[hook]?.(body, context));
	if (prepared.questions.length > 0 || (prepared.decide?.([]) ?? []).length > 0) return undefined;
	return JSON.stringify(prepared[hook]({ answers: [], results: [] }));
};
