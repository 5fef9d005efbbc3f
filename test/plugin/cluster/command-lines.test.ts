import { expect, it } from "vitest";
import { kubectlCommand, placeOf, prismCommand, slashName } from "../../../plugin/cluster/command-lines.ts";

const SPEECH = { program: "prism-operator", flags: ["--context=eu west"] };
const object = (namespace?: string) => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "shop", ...(namespace !== undefined && { namespace }) },
});

it("ends each command with the flags that select the cluster, quoted for a shell", () => {
	expect(prismCommand(SPEECH, "why", "prismstack/shop")).toBe("prism-operator why prismstack/shop '--context=eu west'");
	expect(kubectlCommand(SPEECH, "get", "pods", "-l", "a in (b)")).toBe(
		"kubectl get pods -l 'a in (b)' '--context=eu west'",
	);
	expect(kubectlCommand({ program: "kubectl prism", flags: [] }, "get", "pods")).toBe("kubectl get pods");
});

it.each([
	[object("team"), ["-n", "team"]],
	[object(), []],
])("names the namespace of an object that has one", (about, words) => expect(placeOf(about)).toEqual(words));

it("names an object in lower case", () => expect(slashName(object())).toBe("prismstack/shop"));
