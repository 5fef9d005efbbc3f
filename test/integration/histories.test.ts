import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiError, type Store } from "../../devcluster/store.ts";
import { REGISTRY } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { differences, type Essence, essenceOf } from "../simulation/essence.ts";
import type { Deed } from "../simulation/plan.ts";
import { runHistory } from "../simulation/run.ts";
import { planOf } from "../simulation/seeds.ts";
import { NAMESPACES } from "../simulation/world.ts";
import { ensureNamespaces, eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// What users do in some of the simulation's worlds, done to a real API server: it must take and refuse the same
// declarations, and what becomes of them must be the same, so that the simulation does not drift from the truth.

/** Of these nothing depends on time, and no pod has a placement that only a real API server would refuse. */
const SEEDS = [18, 27, 125, 149];

const OURS = new Set<string>(REGISTRY.map(({ parent }) => parent.kind));

/** Of objects that are not ours a real API server makes more than the one in memory: that they are there is the same. */
const ofOurs = (essence: Essence): Essence =>
	new Map(
		[...essence]
			.map(([key, value]) => [key, key.split("/"), value] as const)
			.filter(([, [, namespace = "", name = ""]]) => isHome(namespace) && name !== "kube-root-ca.crt")
			.map(([key, [kind = ""], value]) => [key, OURS.has(kind) ? value : { ...value, content: undefined }]),
	);

const isHome = (namespace: string): boolean => NAMESPACES.some((home) => home === namespace);

const subjectOf = ({ kind, namespace, name }: Deed) => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { namespace, name },
});

/** Whether the API server refused it. */
const act = async (store: Store, deed: Deed): Promise<boolean> => {
	const subject = subjectOf(deed);
	if (deed.do === "withdraw") {
		await store.delete(await store.resourceOf(API_VERSION, deed.kind), deed.namespace, deed.name);
		return false;
	}
	if (deed.do !== "declare") return false;
	try {
		await store.apply({ ...subject, spec: deed.spec }, { fieldManager: "users" });
		return false;
	} catch (error) {
		// The API server answers 500 where a value is not of the schema's type at all.
		if (error instanceof ApiError && (error.status < 500 || error.message.includes("typed patch object"))) return true;
		throw error;
	}
};

/** Of our kinds, in the namespaces of the histories. */
const objectsOf = async (store: Store): Promise<KubeObject[]> => {
	const lists = REGISTRY.map(async ({ parent }) =>
		Promise.all(
			NAMESPACES.map(async (namespace) => store.list(await store.resourceOf(API_VERSION, parent.kind), namespace)),
		),
	);
	return (await Promise.all(lists)).flat().flatMap(({ items }) => items);
};

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

/** A new runner waits that long for a BackendConfig that is not there, and a little more. */
const LONGEST_WAIT_MS = 12_000;

/** Resolves when nothing of it has changed for two resyncs. */
const rest = async (line: Line): Promise<void> => {
	let before = "";
	let since = performance.now();
	const deadline = performance.now() + 90_000;
	while (performance.now() - since < Math.max(2000 * RESYNC_SECONDS, LONGEST_WAIT_MS)) {
		const versions = JSON.stringify(await line.versions(await objectsOf(line.cluster.store)));
		if (versions !== before) since = performance.now();
		before = versions;
		expect(performance.now(), `still changing: ${versions}`).toBeLessThan(deadline);
		await pause(250);
	}
};

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES)("the simulation's histories, $line", ({ name, metacontroller }) => {
	let line: Line;
	beforeAll(async () => {
		line = await startLine({ name, metacontroller });
		await ensureNamespaces(line.cluster.store, NAMESPACES);
	}, 120_000);
	afterAll(() => line?.stop(), 60_000);

	it.each(SEEDS)(
		"of seed %i end as they do there",
		async (seed) => {
			const { store } = line.cluster;
			const deeds = planOf(seed).deeds.filter((deed) => deed.do === "declare" || deed.do === "withdraw");
			const inOrder = deeds
				.toSorted((left, right) => left.at - right.at)
				// Two of one moment could come in any order.
				.map((deed, index) => ({ ...deed, at: 2 * index }));
			const simulated = await runHistory({ seed, deeds: inOrder, troubles: [] });
			const refused: number[] = [];
			try {
				for (const [index, deed] of inOrder.entries()) {
					if (await act(store, deed)) refused.push(index);
					await pause(200);
				}
				await rest(line);
				expect(refused.length).toBe(simulated.refused);
				expect(differences(ofOurs(simulated.essence), ofOurs(await essenceOf(line.cluster)))).toEqual([]);
			} finally {
				for (const deed of inOrder) await act(store, { ...deed, do: "withdraw" });
				await eventually(async () => expect((await objectsOf(store)).map(nameOf)).toEqual([]), 60);
			}
		},
		300_000,
	);
});
