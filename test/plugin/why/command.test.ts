import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import type { Session } from "../../../plugin/cluster/context.ts";
import { PLAIN } from "../../../plugin/text/paint.ts";
import { collectWhy, initial, shown, why } from "../../../plugin/why/command.ts";
import { shownBy } from "../../../plugin/why/diagnosis.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { brokenPattern } from "../why-cases-workloads.ts";
import { late, NOW, ours, ready, waiting } from "../world.ts";

const SPEECH = { program: "kubectl prism", flags: [] };
const READY = ours("PrismStack", "calm", ready("StackReady", "up"));
const LATE = ours("BackendConfig", "redis", late("BackendNotReady", "m"));

const ran = async (objects: readonly KubeObject[], words: readonly string[] = [], output?: string) => {
	const lines: string[] = [];
	const values: unknown[] = [];
	const session: Session = {
		kubectl: fakeKubectl({ objects }),
		scope: { namespace: "shop" },
		paint: PLAIN,
		speech: SPEECH,
		print: (more) => lines.push(...more),
		json: (value) => values.push(value),
	};
	const code = await why(session, words, { ...(output !== undefined && { output }) });
	return { code, lines, values };
};

describe("why", () => {
	it.each([
		["all that is not ready", [READY, LATE], [], 2, /^✖|^…/, 1],
		["nothing, if all is ready", [READY], [], 0, /ready in namespace shop/, 0],
		["one by name, also if it is ready", [READY, LATE], ["calm"], 0, /^✔/, 1],
	] as const)("explains %s", async (_, objects, words, code, first, explained) => {
		const { lines, ...rest } = await ran(objects, words);
		expect(rest.code).toBe(code);
		expect(lines[0]).toMatch(first);
		expect(lines.filter((line) => /^[✖…✔]/.test(line))).toHaveLength(explained);
	});

	it.each([
		["a list", [], [{ name: "redis" }]],
		["one value for one name", ["redis"], { name: "redis" }],
		["a list for two names", ["redis", "calm"], [{ name: "redis" }, { name: "calm" }]],
	])("prints %s for scripts", async (_, words, expected) => {
		const { lines, values } = await ran([READY, LATE], words, "json");
		expect(values).toMatchObject([expected]);
		expect(lines).toEqual([]);
	});
});

describe("what an explanation needs", () => {
	const { objects, runner } = brokenPattern({
		containers: [
			{
				name: "keyvalue-runner",
				restartCount: 7,
				state: waiting("CrashLoopBackOff"),
				lastState: { terminated: { exitCode: 1, reason: "Error" } },
			},
		],
	});
	const LOG = "shop/orders-7f9c-x2x4z/keyvalue-runner previous";
	const collected = (world: Partial<World> = {}) =>
		collectWhy(fakeKubectl({ objects, ...world }), initial(viewOf({ objects, now: NOW })), SPEECH, runner);

	it("is read until nothing is missing, without credentials", async () => {
		const { diagnosis, known } = await collected({ logs: { [LOG]: "giving up\npassword=hunter2\n" } });
		expect(diagnosis.needs).toEqual([]);
		expect(diagnosis.finding?.details[0]?.lines[0]).toBe("giving up");
		expect(JSON.stringify([diagnosis, [...known.extra.logs]])).not.toContain("hunter2");
	});

	it("is not asked for again if it can't be read", async () => {
		const { diagnosis, known } = await collected();
		expect([diagnosis.needs, diagnosis.finding?.details]).toEqual([[], []]);
		expect([...known.extra.logs.values()]).toEqual([undefined]);
	});

	it("includes the permissions of the user, once for each namespace", async () => {
		const { diagnosis, known } = await collected({ rules: [{ verbs: ["get"], resources: ["*"] }] });
		expect([...known.rules.keys()]).toEqual(["shop"]);
		expect(diagnosis.finding?.next.some(({ command }) => command?.includes(" edit "))).toBe(false);
	});
});

it("shows no credentials of a finding", () => {
	const finding = shownBy(READY, "w", {
		cause: "password=hunter2",
		details: [{ title: "t", lines: ["password=hunter2"] }],
	});
	const text = JSON.stringify(
		shown({
			object: READY,
			finding,
			also: ["password=hunter2"],
			message: "password=hunter2",
			since: undefined,
			needs: [],
		}),
	);
	expect(text).not.toContain("hunter2");
});
