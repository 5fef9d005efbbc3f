import { type LuaEngine, LuaFactory, LuaLibraries } from "wasmoon";

// Lua as Argo CD runs it: gopher-lua, which is Lua 5.1, with the libraries base, table and package, and of os only time and
// date. Here runs a newer Lua; what 5.1 has not, or writes in another way, is refused before.

/** What a newer Lua would take and Argo CD's would not: each with its name. */
const NOT_IN_LUA_5_1: readonly [what: string, pattern: RegExp][] = [
	["goto", /\bgoto\b|::/],
	["integer division", /\/\//],
	["bitwise operators", /<<|>>|&|\||~(?!=)/],
	["attributes of variables", /<\s*(const|close)\s*>/],
	["escapes", /\\[xzu]/],
	["globals", /\b(utf8|rawlen|warn|_ENV)\b/],
	["functions of table", /\btable\.(pack|unpack|move)\b/],
	["libraries that Argo CD does not load", /\b(string|math|io|debug|coroutine)\s*\./],
	["methods, which strings lack there", /[\w\])"']\s*:\s*\w+\s*\(/],
];

export const notInLua51 = (script: string): string[] => {
	const code = script.replaceAll(/"[^"\n]*"/g, '""').replaceAll(/--[^\n]*/g, "");
	return NOT_IN_LUA_5_1.filter(([, pattern]) => pattern.test(code)).map(([what]) => what);
};

const factory = new LuaFactory();

/** What a script returns, given an object as `obj`. */
export const runLua = async (script: string, object: unknown): Promise<unknown> => {
	const foreign = notInLua51(script);
	if (foreign.length > 0) throw new Error(`not Lua 5.1 as Argo CD has it: ${foreign.join(", ")}`);
	const engine = await factory.createEngine({ openStandardLibs: false, enableProxy: false, injectObjects: false });
	try {
		sandbox(engine);
		// Absent, as null is to Argo CD.
		engine.global.set("obj", withoutNulls(object));
		return await engine.doString(script);
	} finally {
		engine.global.close();
	}
};

const sandbox = ({ global }: LuaEngine): void => {
	global.loadLibrary(LuaLibraries.Base);
	global.loadLibrary(LuaLibraries.Table);
	const os = { time: () => 1_767_225_600, date: (format: string) => (format === ISO ? NOON : undefined) };
	global.set("os", os);
	global.set("require", (name: string) => (name === "os" ? os : undefined));
};

/** The one format that is asked for, and what the clock says. */
const ISO = "!%Y-%m-%dT%XZ";
export const NOON = "2026-01-01T12:00:00Z";

const withoutNulls = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, field]) => field !== null && field !== undefined)
			.map(([name, field]) => [name, withoutNulls(field)]),
	);
};
