import { expect, it } from "vitest";
import { notInLua51, runLua } from "./lua.ts";

it.each([
	["goto done", "goto"],
	["return 7 // 2", "integer division"],
	["return 1 & 2", "bitwise operators"],
	["return ~1", "bitwise operators"],
	["local x <const> = 1", "attributes of variables"],
	["return utf8", "globals"],
	["return table.unpack({})", "functions of table"],
	["return string.format('x')", "libraries that Argo CD does not load"],
	["local s = 'x' return s:len()", "methods, which strings lack there"],
])("refuses %s, which is not Lua 5.1 as Argo CD has it", async (script, what) => {
	expect(notInLua51(script)).toContain(what);
	await expect(runLua(script, {})).rejects.toThrow(what);
});

it("takes what Argo CD takes", async () => {
	const script = 'local n = 0 for _, v in ipairs(obj.list) do if v ~= "a // b" then n = n + v end end return { n = n }';
	expect(notInLua51(script)).toEqual([]);
	expect(await runLua(script, { list: [1, 2], none: null })).toEqual({ n: 3 });
});
