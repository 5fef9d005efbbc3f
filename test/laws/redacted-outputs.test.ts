import { describe, expect, test } from "vitest";
import { recordedCall } from "../../hooks/recorded-call.ts";
import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import { readView } from "../../plugin/cluster/read-cluster.ts";
import { diffText } from "../../plugin/diff/text.ts";
import type { ClusterState } from "../../plugin/doctor/cluster-state.ts";
import { doctorLines } from "../../plugin/doctor/finding.ts";
import { examined } from "../../plugin/doctor/index.ts";
import { bundleFiles } from "../../plugin/report/bundle.ts";
import { paintOf } from "../../plugin/text/paint.ts";
import { collectWhy, initial } from "../../plugin/why/command.ts";
import { whyLines } from "../../plugin/why/text.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { refusalMessage } from "../../server/admin/failures.ts";
import { createCallHistory } from "../../server/call-history.ts";
import { textOfPage } from "../../server/dashboard/html.ts";
import { inspector } from "../../server/dashboard/inspector.ts";
import { logFailure } from "../../server/sync-log.ts";
import { CREDENTIAL_TEXTS } from "../kube/redaction-inputs.ts";
import { fakeKubectl } from "../plugin/fake-kubectl.ts";
import { MACHINERY } from "../plugin/why-case.ts";
import { WHY_CASES } from "../plugin/why-cases.ts";
import { event, late, NOW, other, ours, pod, waiting } from "../plugin/world.ts";
import { captureLog, installation } from "../server/toy.ts";

// Every output that people see, held to every form of a credential: there is one redactor, and nothing goes past it.

const PLAIN = paintOf({ color: false, columns: 200 });
const SPEECH = { program: "kubectl prism", flags: [] };

const runner = (text: string): KubeObject =>
	ours("PatternRunner", "orders", {
		...late("InvalidSpec", text, { stalled: true }),
		spec: { config: { note: text, list: [text] } },
	});

const state = (text: string, view = viewOf({ objects: [], now: NOW })): ClusterState => {
	const hooks = other("apps/v1", "Deployment", "hooks", {}, { spec: { replicas: 1 }, status: {} });
	const lastState = { terminated: { exitCode: 1, message: text } };
	const containers = [{ name: "hooks", state: waiting("CrashLoopBackOff", text), lastState }];
	return {
		machinery: {
			controllers: [],
			kindsInstalled: true,
			metacontrollers: [],
			metacontrollerPods: [],
			hooks: [hooks],
			services: [],
			slices: [],
			pods: [pod("hooks-1", hooks, { containers })],
			unread: [],
			notes: [text],
		},
		isLocal: false,
		definitions: [],
		served: undefined,
		version: undefined,
		view,
		scope: {},
		health: [{ service: "prism-system/prism-operator", ready: false, metrics: undefined, problem: text }],
		release: "0.1.0",
	};
};

const call = (text: string) => {
	const parent = runner(text);
	const child = other("v1", "ConfigMap", "c", { annotations: { note: text } }, { data: { "a.txt": text } });
	const request: CompositeRequest = { controller: {}, parent, children: {}, related: {}, finalizing: false };
	const answer = { status: { message: text }, children: [child] };
	return { parent, request, answer, context: { now: NOW, installation } };
};

const history = createCallHistory({
	limits: { callsPerObject: 3, bytes: 1 << 20 },
	log: captureLog().log,
	clock: () => 0,
});

const OUTPUTS: Readonly<Record<string, (text: string) => string | Promise<string>>> = {
	record: (text) => {
		const { request, answer, context } = call(text);
		return JSON.stringify([
			recordedCall({ hook: "sync", request, context, response: answer }),
			recordedCall({ hook: "sync", request, context, failure: text }),
		]);
	},
	dashboard: async (text) => {
		const { parent, request, answer, context } = call(text);
		history.keep({ hook: "/patternrunner/sync", parent, request }, { context, answer, ms: 1 });
		await new Promise((resolve) => setImmediate(resolve));
		const object = history.object("PatternRunner", "shop/orders");
		if (object === undefined) throw new Error("not kept");
		return textOfPage(inspector({ object, way: [], callId: undefined, clusterId: "c", replica: "r", now: 0 }));
	},
	report: (text) => {
		const object = runner(text);
		const view = viewOf({ objects: [object], events: [event(object, "Failed", text)], now: NOW, notes: [text] });
		return bundleFiles({
			view,
			state: state(text, view),
			texts: [{ path: "status.txt", text: `a\n${text}\nb` }],
			logs: new Map([
				["shop/orders/runner", `starting\n${text}\nended\n`.replaceAll(/^(?=.)/gm, "[pod/orders/runner] ")],
			]),
			gaps: [text],
			scope: "in all namespaces",
		})
			.map((file) => file.text)
			.join("\n");
	},
	"why, of a condition": async (text) => {
		const object = runner(text);
		const kubectl = fakeKubectl({ objects: [...MACHINERY, object] });
		const view = await readView(kubectl, { namespace: "shop" }, { made: true, events: true });
		return whyLines((await collectWhy(kubectl, initial(view), SPEECH, object)).diagnosis, PLAIN, NOW).join("\n");
	},
	"why, of a log": async (text) => {
		const given = WHY_CASES.find(({ name }) => name === "crash-loop");
		if (given === undefined) throw new Error("no case");
		const logs = { "shop/orders-7f9c-x2x4z/keyvalue-runner previous": text };
		const kubectl = fakeKubectl({ objects: given.objects, logs });
		const view = await readView(kubectl, { namespace: "shop" }, { made: true, events: true });
		const { diagnosis } = await collectWhy(kubectl, initial(view), SPEECH, given.about);
		return whyLines(diagnosis, PLAIN, NOW).join("\n");
	},
	diff: (text) => {
		const object = runner(text);
		const changes = [
			{ what: "changed", object, before: { spec: { a: "x" } }, after: { spec: object["spec"] } } as const,
			{ what: "deleted", object, before: { data: { "a.txt": text } }, after: undefined } as const,
		];
		return diffText(
			changes.map((change) => ({ ...change, parent: undefined, notes: [] })),
			PLAIN,
		).join("\n");
	},
	"a condition, of what a proxy says": refusalMessage,
	"the server's log, of an error": (text) => {
		const { log, text: written } = captureLog();
		const object = { hook: "/patternrunner/sync", parent: runner("") };
		logFailure(log, { ...call(""), ...object }, new Error(text));
		return written();
	},
	doctor: (text) => doctorLines(examined(state(text), SPEECH), PLAIN).join("\n"),
};

describe.each(Object.entries(OUTPUTS))("%s", (_name, output) => {
	test("shows what is no credential", async () => {
		expect(await output("a harmless sentence")).toContain("a harmless sentence");
	});

	test.each(CREDENTIAL_TEXTS)("does not show %s", async (_what, text) => {
		expect(await output(text)).not.toMatch(/hunter2CANARY/i);
	});
});
