import { expect, onTestFinished, test } from "vitest";
import { codeOf, readIfThere, unreadable, watchFiles } from "../../server/watched-files.ts";
import { RELOAD_MS, secretVolume, until } from "./started.ts";

const read = (contents: readonly string[]): string => {
	if (contents.includes("bad")) throw new Error("invalid");
	return contents.join("+");
};

async function watched(files: Record<string, string>) {
	const { path, swap } = secretVolume(files);
	const events: string[] = [];
	const watching = await watchFiles({
		paths: Object.keys(files).map(path),
		read,
		everyMs: RELOAD_MS,
		taken: () => void events.push("taken"),
		refused: (error) => void events.push(error instanceof Error ? error.message : "no error"),
	});
	onTestFinished(watching.close);
	return { ...watching, swap, events };
}

test("a change of one of the files is a new value, told to listeners when it is current", async () => {
	const { current, onChange, swap, events } = await watched({ a: "1", b: "2" });
	const seen: string[][] = [];
	onChange((value) => void seen.push([value, current()]));
	expect(current()).toBe("1+2");
	swap({ a: "1", b: "3" });
	await until(() => events.length === 1);
	expect(current()).toBe("1+3");
	expect(seen).toEqual([["1+3", "1+3"]]);
	expect(events).toEqual(["taken"]);
});

test("an invalid or missing file, or a listener that throws, leaves the value, and is told once", async () => {
	const { current, onChange, swap, events } = await watched({ a: "1" });
	swap({ a: "bad" });
	await until(() => events.length === 1);
	swap({});
	await until(() => events.length === 2);
	swap({ a: "2" });
	await until(() => events.length === 3);
	onChange(() => {
		throw new Error("no use for it");
	});
	swap({ a: "3" });
	await until(() => events.length === 4);
	expect(events).toEqual(["invalid", "a file can't be read (ENOENT)", "taken", "no use for it"]);
	expect(current()).toBe("2");
});

test("files that are invalid at the start are an error", async () => {
	await expect(watched({ a: "bad" })).rejects.toThrow("invalid");
});

test("a file that may be missing", async () => {
	const { path } = secretVolume({ a: "1" });
	expect(await readIfThere(path("a"))).toBe("1");
	expect(await readIfThere(path("b"))).toBeUndefined();
	await expect(readIfThere("/")).rejects.toThrow("a file can't be read (EISDIR)");
});

test.each([
	[Object.assign(new Error("open '/CANARY'"), { code: "EACCES" }), "EACCES"],
	[new Error("CANARY"), undefined],
	["CANARY", undefined],
])("the code of %o is %s, and all that is told", (error, code) => {
	expect(codeOf(error)).toBe(code);
	expect(unreadable(error).message).toBe(`a file can't be read (${code})`);
});
