import { pino } from "pino";
import { createFleet, type Fleet, type MemberOptions } from "../../devcluster/proxy/fleet.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { timestampOf } from "../../kube/time.ts";
import type { CallOutcome } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Admin } from "../../server/admin/admin.ts";
import { createAdmin } from "../../server/admin/index.ts";
import type { Timing } from "../../server/admin/timing.ts";
import { systemTime } from "../../server/time.ts";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

// The namespace's hook, the production client and emulated servers, over real gRPC on loopback.

/** As the server gives them to a hook's stages. */
const ASK_MS = 800;
const CALL_MS = 700;

export interface Wire {
	readonly world: NamespaceWorld;
	readonly fleet: Fleet;
	/** One hook, as the server runs it. Returns how long it took, and what became of its calls. */
	readonly sync: () => Promise<{ ms: number; outcomes: CallOutcome[] }>;
	/** Syncs until nobody waits for anything. */
	readonly settle: () => Promise<void>;
}

const undo: (() => Promise<unknown>)[] = [];

/** For `afterEach`. */
export const endAll = async (): Promise<void> => {
	for (const step of undo.splice(0).toReversed()) await step();
};

export interface WireOptions {
	readonly members: readonly MemberOptions[];
	readonly rosters: readonly KubeObject[];
	readonly spec: unknown;
	readonly timing?: Partial<Timing>;
}

export const wiredTo = async ({ members, rosters, spec, timing }: WireOptions): Promise<Wire> => {
	const fleet = createFleet({ clock: systemTime });
	const admin: Admin = createAdmin({
		log: pino({ level: "silent" }),
		resolve: (address) => fleet.resolve(address),
		timing: {
			listingMaxAgeMs: 200,
			staleForMs: 0,
			failedReadMs: 50,
			openMs: 200,
			longestOpenMs: 400,
			unimplementedMs: 300,
			...timing,
		},
	});
	undo.push(() => fleet.close());
	undo.push(() => admin.close());
	for (const member of members) await fleet.start(member);
	const now = () => timestampOf(Date.now());
	const world = new NamespaceWorld(spec, { creationTimestamp: now() });
	world.related = [...rosters];
	const sync: Wire["sync"] = async () => {
		world.now = now();
		const began = performance.now();
		const request = world.request();
		const { ask, decide } = stagesOf(prismNamespace);
		const answers = await admin.ask(ask(request, world.context), ASK_MS);
		const results = await admin.execute(decide(request, world.context, answers), CALL_MS);
		world.conclude(request, { answers, results });
		return { ms: performance.now() - began, outcomes: results.map(({ outcome }) => outcome) };
	};
	return {
		world,
		fleet,
		sync,
		async settle() {
			const deadline = performance.now() + 15_000;
			while (!world.finalized) {
				const { statusWrites: writes } = world;
				await sync();
				const isGoing = world.object.metadata.deletionTimestamp !== undefined;
				const isReady = world.condition("Ready")?.["status"] === "True";
				if (world.finalized || (!isGoing && isReady && world.statusWrites === writes)) return;
				if (performance.now() > deadline) throw new Error(JSON.stringify(world.status));
				await new Promise((resolve) => setTimeout(resolve, 250));
			}
		},
	};
};
