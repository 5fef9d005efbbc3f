import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

// A test lies where its source does: test/kube/time.test.ts tests kube/time.ts. What happens across files is in test/scenarios/, and a law,
// or what is about all files, in a folder of its kind.

const ROOT = join(import.meta.dirname, "../..");
const ROOMS = "{hooks,kube,server,plugin,probe,codegen,schemas,devcluster,hack,cli,yaml}";

/** Of a source file, or of a folder of them as a whole. */
const isMirrored = (test: string): boolean => {
	const source = join(ROOT, test.replace(/^test\//, "").replace(/\.test\.ts$/, ""));
	return existsSync(`${source}.ts`) || existsSync(source);
};

it("every test of a room has its source at the same path", () => {
	const tests = globSync(`test/${ROOMS}/**/*.test.ts`, { cwd: ROOT });
	expect(tests.length).toBeGreaterThan(100);
	expect(tests.filter((test) => !isMirrored(test))).toEqual([]);
});

/** Only types, schemas, constants and sentences, or lists of builders: what uses them is tested. */
const DECLARATIONS = [
	"schemas/*.ts",
	"schemas/findings/*.ts",
	"schemas/messages/*.ts",
	"hooks/*/{children,replica-count}.ts",
	"codegen/chart/fields.ts",
	"codegen/chart/values-metacontroller.ts",
	"codegen/chart/values-observability.ts",
	"codegen/chart/values.ts",
	"codegen/gitops/files.ts",
	"devcluster/metacontroller/crds.ts",
	"devcluster/metacontroller/runtime.ts",
	"devcluster/proxy/schema.ts",
	"devcluster/store.ts",
	"kube/types.ts",
	"plugin/text/installing.ts",
	"server/admin/admin.ts",
	"server/release.ts",
	"server/tracing/variables.ts",
	"server/variables.ts",
];
/** The ends of a program, which run when they are imported, or only hand on what they are given. */
const PROGRAMS = [
	"cli/control-plane.ts",
	"cli/run/run.ts",
	"devcluster/kind/main.ts",
	"hack/actionlint/main.ts",
	"hack/complete-lock.ts",
	"hack/helm/binary.ts",
	"hack/kro/binary.ts",
	"hack/metacontroller-image.ts",
	"hack/oldest-kubernetes/binary.ts",
	"hack/release/chart.ts",
	"hack/release/main.ts",
	"plugin/kubectl-complete-prism.ts",
	"plugin/kubectl-prism.ts",
	"plugin/offline-commands.ts",
	"plugin/program.ts",
	"plugin/record/commands.ts",
	"plugin/text/confirm.ts",
	"probe/checker.ts",
	"probe/start.ts",
	"server/main.ts",
	"server/meters.ts",
	"server/large-bodies/thread.ts",
];
/** Sources whose effect is tested elsewhere, as a whole with that of others. */
const TESTED_BY: Readonly<Record<string, string>> = {
	"cli/run/causes.ts": "test/plugin/why/first-causes.test.ts",
	"codegen/chart/files.ts": "test/generated.test.ts",
	"codegen/chart/kube-state-metrics.ts": "test/charts/kube-state-metrics.test.ts",
	"codegen/chart/role.ts": "test/charts/role.test.ts",
	"codegen/dashboards/panels.ts": "test/charts/dashboards.test.ts",
	"codegen/docs/diagrams.ts": "test/docs/diagrams.test.ts",
	"codegen/docs/pages.ts": "test/generated.test.ts",
	"codegen/docs/reference.ts": "test/generated.test.ts",
	"codegen/docs/support.ts": "test/charts/support.test.ts",
	"codegen/generate.ts": "test/generated.test.ts",
	"codegen/gitops/actions.ts": "test/gitops/argocd.test.ts",
	"codegen/gitops/health.ts": "test/gitops/judge.test.ts",
	"hack/release/archive.ts": "test/hack/release/dist.test.ts",
	"hack/release/manifests.ts": "test/charts/kustomize.test.ts",
	"plugin/record/dashboard.ts": "test/plugin/record.test.ts",
	"plugin/why/repairs.ts": "test/plugin/why/missing-link.test.ts",
	"server/answer.ts": "test/server/app.test.ts",
	"server/large-bodies/calls.ts": "test/server/large-bodies.test.ts",
	"server/large-bodies/messages.ts": "test/server/large-bodies.test.ts",
};
/** Have no test of their own yet. */
const UNTESTED = ["hack/go-program.ts", "plugin/diff/command.ts"];

const hasTest = (source: string): boolean => {
	const [path, folder] = [source.replace(/\.ts$/, ""), dirname(source)];
	const own = [`test/${path}.test.ts`, ...(path.endsWith("/index") ? [`test/${folder}.test.ts`] : [])];
	return own.some((test) => existsSync(join(ROOT, test)));
};

it("every source that computes something has its test at the same path", () => {
	const sources = globSync(`${ROOMS}/**/*.ts`, { cwd: ROOT, exclude: [...DECLARATIONS, ...PROGRAMS] });
	expect(sources.length).toBeGreaterThan(400);
	const without = sources.filter((source) => !hasTest(source) && TESTED_BY[source] === undefined);
	expect(without.toSorted()).toEqual(UNTESTED);
});

it("no exception is listed that is none", () => {
	const named = [...PROGRAMS, ...DECLARATIONS.filter((path) => !path.includes("*"))];
	expect(named.filter((source) => !existsSync(join(ROOT, source)) || hasTest(source))).toEqual([]);
	const listed = Object.entries(TESTED_BY);
	expect(listed.filter(([source]) => !existsSync(join(ROOT, source)) || hasTest(source))).toEqual([]);
	expect(listed.filter(([, test]) => !existsSync(join(ROOT, test)))).toEqual([]);
});

it("scenarios are files of one folder, named in words", () => {
	const scenarios = globSync("test/scenarios/**/*.ts", { cwd: ROOT });
	expect(scenarios.length).toBeGreaterThan(20);
	expect(scenarios.filter((path) => !/^test\/scenarios\/[a-z]+(-[a-z]+)+\.test\.ts$/.test(path))).toEqual([]);
});

it("a test without a source is found", () => {
	expect(["test/kube/time.test.ts", "test/plugin/diff.test.ts", "test/kube/nothing.test.ts"].map(isMirrored)).toEqual([
		true,
		true,
		false,
	]);
});
