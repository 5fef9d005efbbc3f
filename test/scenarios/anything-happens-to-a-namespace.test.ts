import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { canonicalJson } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { AdminCall, CallOutcome, CallResult } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { DecoratorRequest } from "../../schemas/metacontroller.ts";
import type { NamespaceProxy } from "../hooks/namespace-proxies.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

// Random histories against a model of the proxies: two hook replicas whose calls arrive late, twice, or unheard; status
// writes that get lost; rosters that drain, come and go; stores that are wiped; and somebody else's records in the way.
// SEED=7 RUNS=100000 vitest run test/scenarios/anything-happens-to-a-namespace.test.ts searches longer.

const RUNS = Number(process.env["MODEL_RUNS"] ?? 10_000);
const SEED = Number(process.env["SEED"] ?? 20260101);

/** The longest deadline of a call: nothing that was begun longer ago arrives any more. */
const LONGEST_CALL_SECONDS = 10;
/** How old the request of a hook may be when its calls begin: a cache that is behind. */
const STALEST_SECONDS = 3;

const ROSTERS = ["prism-a", "prism-b", "prism-c"] as const;
const FOREIGN = "other/somewhere/else";

interface InFlight {
	readonly call: AdminCall;
	readonly begun: string;
}

/** The world with everything in it that may go wrong; each action is one number out of a history. */
class Trial {
	readonly world = new NamespaceWorld({ backend: "postgres", pattern: "keyvalue" });
	inFlight: InFlight[] = [];
	foreign: string[] = [];
	/** Earlier states of object and rosters, as a cache that is behind has them. */
	private past: { readonly object: KubeObject; readonly rosters: readonly KubeObject[]; readonly at: string }[] = [];
	private quota = 0;
	private letGo = false;

	constructor() {
		this.world.related = ROSTERS.map((name) => roster({ name }));
	}

	act(action: number): void {
		const choice = Math.floor(action / KINDS);
		ACTIONS[action % KINDS]?.(this, choice);
	}

	/** The instance that a choice means. */
	private pick(choice: number): { readonly name: string; readonly index: number; readonly proxy: NamespaceProxy } {
		const name = ROSTERS[choice % ROSTERS.length] ?? "prism-a";
		const index = Math.floor(choice / ROSTERS.length) % 2;
		return { name, index, proxy: this.world.at(name, index) };
	}

	sync(choice: number): void {
		this.hook(choice, this.world.request());
	}

	drop(choice: number): void {
		this.inFlight.splice(choice % Math.max(1, this.inFlight.length), 1);
	}

	drain(choice: number, draining: { readonly draining: boolean }): void {
		this.change(this.pick(choice).name, draining);
	}

	fill(choice: number): void {
		this.change(this.pick(choice).name, { accepting: choice % 2 === 0 });
	}

	trouble(choice: number, trouble: NamespaceProxy["trouble"]): void {
		this.pick(choice).proxy.trouble = trouble;
	}

	edit(): void {
		const { world } = this;
		this.quota += 1;
		if (!world.finalized && world.object.metadata.deletionTimestamp === undefined)
			world.edit({ backend: "postgres", pattern: "keyvalue", quotas: { maxKeys: this.quota } });
	}

	delete(): void {
		if (this.world.object.metadata.deletionTimestamp === undefined) this.world.delete();
	}

	/** A hook as the server runs it; which calls have arrived when it concludes is up to the history. */
	private hook(choice: number, request: DecoratorRequest): void {
		const { world } = this;
		if (world.finalized) return;
		const { ask, decide } = stagesOf(prismNamespace);
		const answers = ask(request, world.context).map((question) => world.answer(question));
		const calls = decide(request, world.context, answers);
		expect(strays(request, calls)).toEqual([]);
		const results = calls.map((call, position): CallResult => ({ call, outcome: this.send(call, choice >> position) }));
		this.remember();
		const isCurrent = request.object === world.object;
		// The write is a compare-and-swap, and is lost sometimes for another reason.
		if (isCurrent && choice % 7 !== 0) {
			const { finalized } = world.conclude(request, { answers, results });
			if (finalized === true) this.letGo ||= this.isUnreachable();
		}
	}

	private send(call: AdminCall, choice: number): CallOutcome {
		const { world } = this;
		if (choice % 4 === 0) {
			this.inFlight.push({ call, begun: world.now });
			return { state: "pending" };
		}
		const outcome = world.execute(call);
		return choice % 4 === 1 ? { state: "failed", failure: "DeadlineExceeded" } : outcome;
	}

	stale(choice: number): void {
		const recent = this.past.filter(({ at }) => secondsBetween(at, this.world.now) <= STALEST_SECONDS);
		const seen = recent[choice % Math.max(1, recent.length)];
		if (seen === undefined || seen.object.metadata.creationTimestamp !== this.world.object.metadata.creationTimestamp)
			return;
		const rosters = this.world.related;
		this.world.related = seen.rosters;
		this.hook(choice, this.world.request(seen.object));
		this.world.related = rosters;
	}

	deliver(choice: number): void {
		const [late] = this.inFlight.splice(choice % Math.max(1, this.inFlight.length), 1);
		if (late === undefined) return;
		this.world.proxy(late.call.instance.address).execute(late.call);
	}

	pass(seconds: number): void {
		this.world.pass(seconds);
		this.inFlight = this.inFlight.filter(({ begun }) => secondsBetween(begun, this.world.now) <= LONGEST_CALL_SECONDS);
	}

	private change(name: string, spec: Record<string, unknown>): void {
		this.remember();
		this.world.related = this.world.related.map((object) =>
			object.metadata.name === name ? { ...object, spec: { ...(object["spec"] as object), ...spec } } : object,
		);
	}

	flip(choice: number): void {
		const { name, index } = this.pick(choice);
		const spec = this.world.related.find(({ metadata }) => metadata.name === name)?.["spec"];
		const { instances } = spec as { instances: { name: string; ready: boolean }[] };
		this.change(name, {
			instances: instances.map((instance, position) =>
				position === index ? { ...instance, ready: !instance.ready } : instance,
			),
		});
	}

	/** A fresh volume; whoever was still talking to the old store was talking to a pod that is gone. */
	wipe(choice: number): void {
		const { proxy } = this.pick(choice);
		if (this.inFlight.some(({ call }) => this.world.proxy(call.instance.address) === proxy)) return;
		proxy.store.wipe();
		this.foreign = this.foreign.filter((address) => this.world.proxy(address).store.get("profiles"));
	}

	tamper(choice: number): void {
		const { store } = this.pick(choice).proxy;
		if (store.get("profiles")?.owner !== FOREIGN)
			store.tamper("profiles", { config: { metadata: { tampered: "yes" } } });
	}

	/** Somebody else takes the identifier on one instance, where it is free. */
	occupy(choice: number): void {
		const { name, index, proxy } = this.pick(choice);
		if (proxy.store.get("profiles") !== undefined || this.foreign.length > 0) return;
		proxy.store.put({ name: "profiles", config: {}, owner: FOREIGN, version: 1 }, "");
		this.foreign.push(`${name}-${index}.${name}-headless.team.svc:8981`);
	}

	/** The object is created again under its old name, once it is gone. */
	recreate(): void {
		const { world } = this;
		if (!world.finalized) return;
		world.pass(1);
		world.finalized = false;
		const { deletionTimestamp: _gone, ...metadata } = world.object.metadata;
		world.object = {
			apiVersion: world.object.apiVersion,
			kind: world.object.kind,
			metadata: { ...metadata, generation: 1, creationTimestamp: world.now },
			spec: { backend: "postgres", pattern: "keyvalue" },
		};
		this.past = [];
	}

	private remember(): void {
		this.past.push({ object: this.world.object, rosters: this.world.related, at: this.world.now });
	}

	private isUnreachable(): boolean {
		return [...this.world.proxies.values()].some(({ trouble }) => trouble?.kind === "down");
	}

	/** The faults end: everything answers, every roster is as it was, and what was under way has arrived. */
	heal(): void {
		const { world } = this;
		while (this.inFlight.length > 0) this.deliver(0);
		for (const proxy of world.proxies.values()) proxy.trouble = undefined;
		world.related = ROSTERS.map((name) => roster({ name }));
		world.pass(1);
		if (world.finalized) return;
		world.settle(200);
		if (world.finalized) return;
		world.pass(120);
		world.settle(200);
	}

	/** What must not be so in the end. */
	findings(): string[] {
		const { world } = this;
		const owner = "test/team/profiles";
		const mine = [...world.proxies]
			.filter(([, { store }]) => store.get("profiles")?.owner === owner)
			.map(([address]) => address.split(".")[0] ?? "")
			.toSorted();
		const lost = this.foreign.filter((address) => world.proxy(address).store.get("profiles")?.owner !== FOREIGN);
		if (world.finalized)
			return [...lost, ...(this.letGo ? [] : mine.map((name) => `${name} still has it after the object is gone`))];
		const [place, ...others] = world.placements;
		const wanted = place?.instances.map(({ name }) => name) ?? [];
		const occupied = wanted.filter((name) => this.foreign.some((address) => address.startsWith(`${name}.`)));
		const ready = world.condition("Ready");
		const expected = wanted.filter((name) => !occupied.includes(name));
		return [
			...lost.map((address) => `the record of somebody else at ${address} is gone`),
			...(others.length > 0 ? [`still ${others.length} other places: ${canonicalJson(others)}`] : []),
			...(this.letGo
				? []
				: mine.filter((name) => !expected.includes(name)).map((name) => `${name} has it and should not`)),
			...expected.filter((name) => !mine.includes(name)).map((name) => `${name} lacks it`),
			...(occupied.length === 0 && ready?.["status"] !== "True" ? [`not Ready: ${String(ready?.["message"])}`] : []),
			...(occupied.length > 0 && ready?.["reason"] !== "NamespaceIdTaken"
				? [`says ${String(ready?.["reason"])} though the identifier is taken`]
				: []),
			...[...world.proxies.values()]
				.map(({ store }) => store.get("profiles"))
				.filter((row) => row?.owner === owner && row.digest !== world.status["digest"])
				.map((row) => `a record has digest ${String(row?.digest)}`),
		];
	}
}

/** Calls to places that the request's status does not name. */
const strays = (request: DecoratorRequest, calls: readonly AdminCall[]): string[] => {
	const status = request.object["status"] as { placements?: { instances: { name: string }[] }[] } | undefined;
	const named = new Set((status?.placements ?? []).flatMap(({ instances }) => instances.map(({ name }) => name)));
	return calls
		.filter(({ instance }) => !named.has(instance.name))
		.map(({ verb, instance }) => `${verb} at ${instance.name}`);
};

type Action = (trial: Trial, choice: number) => void;

const SYNC: Action = (trial, choice) => trial.sync(choice);
const STALE: Action = (trial, choice) => trial.stale(choice);
const DELIVER: Action = (trial, choice) => trial.deliver(choice);
const DROP: Action = (trial, choice) => trial.drop(choice);
const PASS: Action = (trial, choice) => trial.pass(1 + (choice % 20));
const DRAIN: Action = (trial, choice) => trial.drain(choice, { draining: true });
const FILL_AGAIN: Action = (trial, choice) => trial.drain(choice, { draining: false });
const FLIP: Action = (trial, choice) => trial.flip(choice);
const BREAK: Action = (trial, choice) => trial.trouble(choice, { kind: "down", failure: "Unreachable" });
const COMMIT_AND_FAIL: Action = (trial, choice) => trial.trouble(choice, { kind: "commitsAndFails" });
const REFUSE: Action = (trial, choice) => trial.trouble(choice, { kind: "refuses", message: "no room" });
const MEND: Action = (trial, choice) => trial.trouble(choice, undefined);
const EDIT: Action = (trial) => trial.edit();
const DELETE: Action = (trial) => trial.delete();
const RECREATE: Action = (trial) => trial.recreate();

/** What is common is here more than once. */
const ACTIONS: readonly Action[] = [
	...Array<Action>(7).fill(SYNC),
	...Array<Action>(2).fill(STALE),
	...Array<Action>(3).fill(DELIVER),
	...Array<Action>(2).fill(DROP),
	...Array<Action>(3).fill(PASS),
	DRAIN,
	FILL_AGAIN,
	(trial: Trial, choice: number) => trial.fill(choice),
	FLIP,
	BREAK,
	COMMIT_AND_FAIL,
	REFUSE,
	MEND,
	(trial, choice) => trial.wipe(choice),
	(trial, choice) => trial.tamper(choice),
	(trial, choice) => trial.occupy(choice),
	EDIT,
	DELETE,
	RECREATE,
];
const KINDS = ACTIONS.length;

const historyOf = (actions: readonly Action[]) =>
	fc.array(
		fc
			.tuple(fc.constantFrom(...actions), fc.nat(63))
			.map(([action, choice]) => ACTIONS.indexOf(action) + KINDS * choice),
		{ minLength: 5, maxLength: 40 },
	);

/** All kinds of actions, and alphabets in which the rare meetings are common. */
const HISTORY = fc.oneof(
	historyOf(ACTIONS),
	historyOf([SYNC, SYNC, STALE, DELIVER, DROP, PASS, EDIT, DELETE, RECREATE]),
	historyOf([SYNC, SYNC, STALE, DELIVER, DROP, PASS, DRAIN, FILL_AGAIN, FLIP]),
	historyOf([SYNC, SYNC, DELIVER, PASS, BREAK, COMMIT_AND_FAIL, REFUSE, MEND, EDIT]),
);

describe("a namespace, whatever happens", () => {
	it("ends where it should be and nowhere else, and leaves what belongs to others alone", () => {
		fc.assert(
			fc.property(HISTORY, (history) => {
				const trial = new Trial();
				for (const action of history) trial.act(action);
				trial.heal();
				expect(trial.findings()).toEqual([]);
			}),
			{ seed: SEED, numRuns: RUNS },
		);
	}, 600_000);
});
