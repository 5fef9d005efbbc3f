import { CommanderError } from "commander";
import { afterEach, expect, it, vi } from "vitest";
import { UsageError } from "../../plugin/cluster/kinds.ts";
import { KubectlError } from "../../plugin/cluster/kubectl.ts";
import { failureCode } from "../../plugin/failure.ts";
import { ManifestError } from "../../yaml/manifests.ts";

afterEach(() => vi.restoreAllMocks());

it.each<[string, unknown, number, RegExp]>([
	["commander", new CommanderError(0, "commander.help", "help"), 0, /^$/],
	["commander", new CommanderError(7, "commander.x", "wrong"), 7, /^$/],
	["the user", new UsageError("no such kind"), 1, /^error: no such kind\n$/],
	["a file", new ManifestError("no file"), 1, /^error: no file\n$/],
	["the cluster", new KubectlError("noCluster", "refused"), 1, /^error: refused\n$/],
	["ours", new TypeError("bug"), 1, /^TypeError: bug\n.*at /s],
	["anything", "text", 1, /^'text'\n$/],
])("an error of %s: %s", (_, error, code, printed) => {
	const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
	expect(failureCode(error)).toBe(code);
	expect(write.mock.calls.map(([text]) => String(text)).join("")).toMatch(printed);
});
