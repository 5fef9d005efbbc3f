import { expect, it } from "vitest";
import { currentNamespace, sessionOf, whereOf } from "../../../plugin/cluster/context.ts";
import { fakeKubectl } from "../fake-kubectl.ts";

const inContext = (stdout: string, code = 0) => ({
	...fakeKubectl({ objects: [] }),
	try: async () => ({ code, stdout, stderr: "" }),
});

it.each([
	["team", 0, "team"],
	["team other\n", 0, "team"],
	["", 0, "default"],
	["team", 1, "default"],
])("reads the namespace of the context from %j with exit code %i", async (stdout, code, namespace) =>
	expect(await currentNamespace(inContext(stdout, code))).toBe(namespace),
);

it.each([
	[{ allNamespaces: true, namespace: "a" } as const, "in all namespaces"],
	[{ namespace: "a" }, "in namespace a"],
	[{}, "in namespace team"],
])("%j is %s", async (flags, where) =>
	expect(await whereOf({ ...sessionOf(flags, "kubectl prism"), kubectl: inContext("team") })).toBe(where),
);

it("passes only the flags that select the cluster on to other commands", () => {
	const { scope, speech } = sessionOf({ namespace: "a", selector: "x=y", context: "eu", as: "jane" }, "prism-operator");
	expect(scope).toEqual({ namespace: "a", allNamespaces: undefined, selector: "x=y" });
	expect(speech).toEqual({ program: "prism-operator", flags: ["--context=eu", "--as=jane"] });
});
