import { join } from "node:path";
import { expect, it } from "vitest";
import { findPrograms } from "../../../devcluster/kind-cluster/programs.ts";
import { folder, KIND, program } from "../kind/programs.ts";

const machine = (...names: readonly string[]) => {
	const home = folder();
	for (const name of names) program(join(home, "bin"), name, name === "kind" ? KIND : "");
	return { home, environment: { PATH: `/nowhere::${join(home, "bin")}`, HOME: home, XDG_CACHE_HOME: home } };
};

it("finds each program that is needed on the PATH, and looks for no other", async () => {
	const { home, environment } = machine("docker", "helm", "kubectl", "kind");
	const { paths, missing } = await findPrograms(environment, ["docker", "kind", "kubectl"]);
	expect(missing).toEqual([]);
	expect([...paths]).toEqual(["docker", "kind", "kubectl"].map((name) => [name, join(home, "bin", name)]));
});

it("names every program that is missing, with what to do", async () => {
	const { environment } = machine("docker");
	const { paths, missing } = await findPrograms(environment, ["docker", "helm", "kubectl", "kind"]);
	expect([...paths.keys()]).toEqual(["docker"]);
	expect(missing).toHaveLength(3);
	for (const [index, name] of ["helm", "kubectl", "kind"].entries()) expect(missing[index]).toContain(name);
});

it("takes no file that can't be run, and no other program with the name kind", async () => {
	const { home, environment } = machine();
	program(join(home, "bin"), "kind", "echo another one");
	const { paths, missing } = await findPrograms(environment, ["kind"]);
	expect([paths.size, missing.length]).toEqual([0, 1]);
});
