import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { readView } from "../../../plugin/cluster/read-cluster.ts";
import { statusCode, statusData, statusLines, statusOf } from "../../../plugin/status/status.ts";
import { paintOf, widthOf } from "../../../plugin/text/paint.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { condition, expectGolden, HOURS_AGO, late, NOW, ours, ownedBy, ready, silent } from "../world.ts";

const SPEECH = { program: "kubectl prism", flags: [] };
const TERMINAL = paintOf({ color: false, columns: 80 });

const shown = (objects: readonly KubeObject[], { allNamespaces = false, notes = [] as string[] } = {}) => {
	const view = viewOf({ objects, now: NOW, notes });
	const where = allNamespaces ? "in all namespaces" : "in namespace shop";
	return statusOf(view, objects, { where, allNamespaces });
};

const text = (status: ReturnType<typeof shown>, paint = TERMINAL) =>
	`${statusLines(status, paint, SPEECH).join("\n")}\n`;

const stack = ours("PrismStack", "shop", {
	...late("PatternNotReady", "PatternRunner orders: ProgressDeadlineExceeded: Deployment orders makes no progress", {
		stalled: true,
		phase: "Failed",
	}),
	status: { patterns: [{ name: "orders", ready: false, phase: "Failed" }] },
});
const TROUBLE = [
	stack,
	ours("PatternRunner", "orders", {
		...late(
			"ProgressDeadlineExceeded",
			"Deployment orders makes no progress: 0 of 2 pods are available: an image that can't be pulled, a container that ends, a probe that fails, or no room for it.",
			{ stalled: true, phase: "Failed" },
		),
		metadata: ownedBy(stack),
	}),
	ours("PatternRunner", "carts", {
		...ready("DeploymentReady", "1 of 1 pods are available"),
		metadata: ownedBy(stack),
	}),
	ours("BackendConfig", "shop-redis", ready("BackendHealthy", "answers")),
	ours("PrismNamespace", "acme", late("InstancesNotReady", "No instance of live is ready", { phase: "Pending" })),
	ours("PrismNamespace", "globex", ready("NamespaceReady", "2 of 2 ready instances of live have the namespace")),
	ours("PrismShard", "live", {
		conditions: [
			...(ready("ShardReady", "ready").conditions ?? []),
			condition("Warning", "True", "Warnings", "one replica, and a disruption budget"),
		],
	}),
	ours("PrismShard", "frozen", {
		conditions: [
			...(ready("ShardReady", "ready").conditions ?? []),
			condition("Paused", "True", "PausedByAnnotation", "stays as it is"),
		],
	}),
	ours("PrismRoster", "prism-live", {}),
	silent("PrismPlugin", "clickhouse"),
	silent("PrismPlugin", "leaving", {
		deletionTimestamp: HOURS_AGO,
		finalizers: ["metacontroller.io/decoratorcontroller-prismplugin"],
	}),
	ours("PrismStack", "edited", {
		...ready("StackReady", "ready"),
		metadata: { generation: 4, managedFields: [{ time: HOURS_AGO, fieldsV1: { "f:spec": {} } }] },
	}),
];

const KINDS_OF_OURS = [
	"prismstacks",
	"patternrunners",
	"backendconfigs",
	"prismnamespaces",
	"prismshards",
	"prismplugins",
	"prismrosters",
].map((plural) => `${plural}.prism.io`);

describe("status", () => {
	it("says first what is not ready, then what is, then how to go on", () => {
		const status = shown(TROUBLE);
		expect(statusCode(status)).toBe(2);
		const lines = text(status);
		expect(lines.split("\n").filter((line) => widthOf(line) > 80)).toEqual([]);
		expectGolden("status-trouble", lines);
	});

	it("says the same with colors", () => {
		const coloured = text(shown(TROUBLE), paintOf({ color: true, columns: 80 }));
		expect(coloured).toContain("\u001b[31m✖\u001b[39m");
		expect(stripVTControlCharacters(coloured)).toBe(text(shown(TROUBLE)));
	});

	it("cuts nothing where there is no width", () => {
		expect(text(shown(TROUBLE), paintOf({ color: false }))).toContain("a probe that fails, or no room for it.\n");
	});

	it("is short when all is well", () => {
		const status = shown([
			ours("PrismStack", "shop", ready("StackReady", "ready")),
			ours("BackendConfig", "shop-redis", ready("NotChecked", "published")),
		]);
		expect(statusCode(status)).toBe(0);
		expectGolden("status-ready", text(status));
	});

	it("names namespaces when all of them are shown, and what could not be read", () => {
		expectGolden(
			"status-everywhere",
			text(
				shown(TROUBLE.slice(0, 3), {
					allNamespaces: true,
					notes: ["you may not read pods: their data is missing here"],
				}),
			),
		);
	});

	it("stays on one screen of a terminal, and is whole elsewhere", () => {
		const many = Array.from({ length: 40 }, (_, index) =>
			ours("PrismNamespace", `tenant-${index}`, late("NotAccepting", "full", { phase: "Pending" })),
		);
		expect(text(shown(many))).toContain("  … 30 more are not ready: -o wide shows them\n");
		expect(text(shown(many)).split("\n").length).toBeLessThan(30);
		expect(text(shown(many), paintOf({ color: false }))).toContain("tenant-39");
	});

	it("says where to look when there is nothing", () => {
		expect(text(shown([]))).toBe("no Prism objects in namespace shop; -A looks in all namespaces\n");
		expect(statusCode(shown([]))).toBe(0);
	});

	it("is data for scripts", () => {
		const data = statusData(shown(TROUBLE));
		expect(data.ready).toBe(false);
		expect(data.objects.find(({ name }) => name === "orders")).toMatchObject({
			kind: "PatternRunner",
			ready: false,
			reason: "ProgressDeadlineExceeded",
			since: "2026-01-01T11:48:00Z",
		});
		expect(data.objects.map(({ kind }) => kind)).not.toContain("PrismRoster");
	});
});

describe("what is read", () => {
	const read = (world: World) => readView(fakeKubectl(world), {}, { made: true });

	it("goes on without a kind that an older release does not have", async () => {
		const view = await read({ objects: TROUBLE, unknown: ["prismplugins.prism.io"] });
		expect(view.all("PrismStack")).toHaveLength(2);
		expect(view.notes).toEqual(["prismplugins can't be read: the CRD is not installed (see kubectl prism doctor)"]);
	});

	it("goes on with what may be read, and tells the rest", async () => {
		const view = await read({ objects: TROUBLE, forbidden: ["pods", "prismshards.prism.io"] });
		expect(view.all("PrismStack")).toHaveLength(2);
		expect(view.all("PrismShard")).toEqual([]);
		expect(view.notes).toEqual([
			"you may not read prismshards: their data is missing here",
			"you may not read pods: their data is missing here",
		]);
	});

	it("fails where none of them may be read", async () => {
		await expect(read({ objects: TROUBLE, forbidden: KINDS_OF_OURS })).rejects.toThrow(/forbidden/);
	});

	it("fails where none of the kinds is installed", async () => {
		await expect(read({ objects: [], unknown: KINDS_OF_OURS })).rejects.toThrow(/doesn't have a resource type/);
	});
});
