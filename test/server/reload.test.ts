import { expect, onTestFinished, test } from "vitest";
import { createMetrics } from "../../server/metrics.ts";
import { openFiles } from "../../server/reload.ts";
import { ConfigError } from "../../server/settings.ts";
import { RELOAD_MS, secretVolume, until } from "./started.ts";
import { captureLog } from "./toy.ts";

const read = ([text = ""]: readonly string[]): string => {
	if (text === "") throw new Error("it is empty");
	return text;
};

async function opened(path: string) {
	const captured = captureLog();
	const metrics = createMetrics([]);
	const files = await openFiles(
		{ what: "tokens", variables: "PRISM_TOKEN_FILE", paths: [path], read },
		{ log: captured.log, metrics, everyMs: RELOAD_MS },
	);
	onTestFinished(files.close);
	return { files, captured, metrics };
}

test.each([
	["can't be read", "CANARY", "PRISM_TOKEN_FILE: a file can't be read (ENOENT)"],
	["is invalid", "empty", "PRISM_TOKEN_FILE: it is empty"],
])("a file that %s prevents the start", async (_, name, problem) => {
	const { path } = secretVolume({ empty: "" });
	await expect(opened(path(name))).rejects.toThrow(new ConfigError([problem]));
});

test("a change is in use, logged and counted; an invalid one is ignored", async () => {
	const { path, swap } = secretVolume({ token: "one" });
	const { files, captured, metrics } = await opened(path("token"));
	swap({ token: "" });
	await until(() => captured.lines("cannot reload: the previous content stays in use").length === 1);
	expect(files.current()).toBe("one");
	swap({ token: "two" });
	await until(() => files.current() === "two");
	await until(() => captured.lines("reloaded, and in use").length === 1);
	expect(captured.lines("cannot reload: the previous content stays in use")).toMatchObject([
		{ level: 50, what: "tokens", cause: "it is empty" },
	]);
	const text = await metrics.text();
	for (const result of ["taken", "refused"])
		expect(text).toContain(`reloads_total{what="tokens",result="${result}"} 1`);
});
