import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { pinnedVersions } from "../../devcluster/control-plane/versions.ts";
import { MAY_WRITE, workflowFaults } from "./workflows.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, ".github/workflows");
const FILES = readdirSync(FOLDER);
const textOf = (file: string) => readFileSync(join(FOLDER, file), "utf8");

describe("the workflows", () => {
	it("are there", () => {
		expect(FILES.toSorted()).toEqual(["ci.yaml", "e2e.yaml", "nightly.yaml", "release.yaml", "scorecard.yaml"]);
	});

	it.each(FILES)("%s has no fault", (file) => {
		expect(workflowFaults(file, textOf(file))).toEqual([]);
	});

	it("write only where it is said that they do", () => {
		for (const key of Object.keys(MAY_WRITE)) {
			const [file = "", job = ""] = key.split(" ");
			expect(workflowFaults(file, textOf(file), {}).join("\n"), key).toContain(`job ${job}: it may write`);
		}
	});

	it("have one version of each action", () => {
		const used = FILES.flatMap((file) => [...textOf(file).matchAll(/uses: (?<action>[\w./-]+)@(?<commit>.+)$/gm)]);
		const commits = Map.groupBy(used, ({ groups }) => groups?.["action"]);
		for (const [action, uses] of commits) expect([...new Set(uses.map(([text]) => text))], action).toHaveLength(1);
		expect(commits.size).toBeGreaterThan(5);
	});

	it("try the oldest Kubernetes that the chart allows, and the newest that the control plane is built of", async () => {
		const chart = JSON.stringify(load(readFileSync(join(ROOT, "charts/prism-operator/Chart.yaml"), "utf8")));
		const oldest = /"kubeVersion":">=(\d+\.\d+)\./.exec(chart)?.[1];
		const newest = (await pinnedVersions()).kubernetes.split(".").slice(0, 2).join(".");
		const nodes = [...textOf("e2e.yaml").matchAll(/kindest\/node:v(\d+\.\d+)\.\d+@sha256:[0-9a-f]{64}$/gm)];
		expect(nodes.map(([, minor]) => minor)).toEqual([oldest, newest]);
	});
});

describe("a workflow", () => {
	const step = (text: string) => `on: [push]
permissions:
  contents: read
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 1
    steps:
      - ${text}
`;
	const EXPRESSION = `\${{ github.head_ref }}`;
	const COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1";
	it.each([
		["all is well", step("run: make check"), []],
		["a tag", step("uses: actions/cache@v5"), ["actions/cache@v5 is not a commit with its version"]],
		[
			"a commit alone",
			step(`uses: actions/cache@${COMMIT}`),
			[`actions/cache@${COMMIT} is not a commit with its version`],
		],
		[
			"a token left behind",
			step(`uses: actions/checkout@${COMMIT} # v7.0.1`),
			["job one: checkout leaves its token in the folder"],
		],
		["no such target", step("run: make chekc"), ['job one: make has no target "chekc"']],
		["no such variable", step("run: make simulate SEED=1 SEDES=2"), ["job one: make knows no SEDES"]],
		["no such script", step("run: .ci/walk"), ['job one: ".ci/walk" runs neither make nor a script of the repository']],
		[
			"a script of its own",
			step("run: curl -L x | sh"),
			['job one: "curl -L x | sh" runs neither make nor a script of the repository'],
		],
		[
			"what somebody wrote in a script",
			step(`run: make sign IMAGE="${EXPRESSION}"`),
			[`job one: "make sign IMAGE="${EXPRESSION}"" has an expression in it: what it stands for would be run`],
		],
		["a secret", step(`run: make check\n        env: { A: '\${{ secrets.A }}' }`), ["uses secrets.A"]],
		[
			"no permissions",
			step("run: make check").replace("permissions:\n  contents: read\n", ""),
			["its permissions are not contents: read"],
		],
		[
			"all permissions",
			step("run: make check").replace("timeout-minutes: 1", "timeout-minutes: 1\n    permissions: write-all"),
			["job one: its permissions are write-all"],
		],
		[
			"a permission",
			step("run: make check").replace("timeout-minutes: 1", "timeout-minutes: 1\n    permissions: { issues: write }"),
			["job one: it may write issues"],
		],
		[
			"a stranger's code with rights",
			step("run: make check").replace("[push]", "[pull_request_target]"),
			["runs on pull_request_target"],
		],
		["no end", step("run: make check").replace("    timeout-minutes: 1\n", ""), ["job one: it has no timeout"]],
		["any runner", step("run: make check").replace("24.04", "latest"), ["job one: runs on ubuntu-latest"]],
	])("%s", (_title, text, faults) => {
		expect(workflowFaults("some.yaml", text)).toEqual(faults);
	});
});
