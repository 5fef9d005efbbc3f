import { describe, expect, it } from "vitest";
import { KINDS } from "../../../hooks/index.ts";
import { resourceName } from "../../../plugin/cluster/kinds.ts";
import { KubectlError, type KubectlOutcome, type Trouble } from "../../../plugin/cluster/kubectl.ts";
import { readClusterState } from "../../../plugin/doctor/cluster-state.ts";
import { LOCAL_CONTEXT } from "../../../schemas/installation.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { MACHINERY } from "../why-case.ts";
import { ours } from "../world.ts";

const STACK = ours("PrismStack", "shop");
const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });
const failed = (stderr: string) => ({ code: 1, stdout: "", stderr });

/** kubectl of the world, with these answers to commands that begin with these words. */
const state = (answers: Record<string, KubectlOutcome>, world: Partial<World> = {}, trouble?: Trouble) => {
	const fake = fakeKubectl({ objects: [...MACHINERY, STACK], ...world });
	const answerTo = (args: readonly string[]) =>
		Object.entries({ version: ok("Client Version: v1\nServer Version: v1.33.2\n"), ...answers }).find(([words]) =>
			args.join(" ").startsWith(words),
		)?.[1];
	return readClusterState(
		{
			...fake,
			try: async (args) => answerTo(args) ?? (await fake.try(args)),
			run: async (args) => {
				const answer = answerTo(args) ?? (await fake.try(args));
				if (answer.code !== 0) throw new KubectlError(trouble ?? "other", answer.stderr);
				return answer.stdout;
			},
		},
		"0.1.0",
	);
};
const READY = "get --raw /api/v1/namespaces/prism-system/services/prism-operator:8080/proxy/readyz";
const METRICS = READY.replace("readyz", "metrics");

describe("the state of a cluster", () => {
	it("is read from all namespaces", async () => {
		const read = await state({ "api-resources": ok("pods\nservices\n\n"), [READY]: ok("ok"), [METRICS]: ok("a 1") });
		expect(read).toMatchObject({
			version: "v1.33.2",
			isLocal: false,
			release: "0.1.0",
			scope: { allNamespaces: true },
		});
		expect(read.served).toEqual(new Set(["pods", "services"]));
		expect(read.view.objects).toEqual([STACK]);
		expect(read.health).toEqual([
			{ service: "prism-system/prism-operator", ready: true, metrics: "a 1", problem: undefined },
		]);
	});

	it.each<[string, Record<string, KubectlOutcome>, Record<string, unknown>]>([
		["a local cluster", { "config current-context": ok(`${LOCAL_CONTEXT}\n`) }, { isLocal: true }],
		["no discovery", { "api-resources": failed("no") }, { served: undefined }],
		["no permission for CRDs", { "get customresourcedefinitions": failed("forbidden") }, { definitions: undefined }],
		["an unknown version", { version: ok("") }, { version: undefined }],
		["no endpoints", { [READY]: failed("x\nError (ServiceUnavailable): no") }, { health: [{ ready: false }] }],
		["no proxy", { [READY]: failed("x\nforbidden") }, { health: [{ ready: undefined, problem: "forbidden" }] }],
	])("may have %s", async (_, answers, expected) => expect(await state(answers)).toMatchObject(expected));

	const RESOURCES = KINDS.map(resourceName).join(",");
	it.each<[Trouble, string[]]>([
		["noKind", []],
		["forbidden", ["all namespaces", "namespace default"]],
	])("has no objects because of %s", async (trouble, notes) => {
		const { view, scope } = await state({ [`get ${RESOURCES}`]: failed("no") }, {}, trouble);
		expect([view.objects, scope]).toEqual([[], {}]);
		expect(view.notes).toEqual(notes.map((note) => expect.stringContaining(note) as string));
	});

	it("can't be read without a cluster", async () => {
		await expect(state({ version: failed("refused") }, {}, "noCluster")).rejects.toThrow("refused");
	});
});
