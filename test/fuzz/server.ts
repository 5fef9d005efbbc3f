import { REGISTRY } from "../../hooks/index.ts";
import { type CompositeRow, isComposite } from "../../kube/hook.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { changed, type Stages } from "../stages.ts";
import { FUZZED_RELEASE } from "./release.ts";
import type { Bug } from "./target.ts";

// The server that hostile requests are sent to: a process of its own, all hooks, configured by its environment. Every
// name of a proxy leads to one emulated proxy, and some to a port where nobody listens.

const tell = (message: object) => process.send?.(message);

const [, , proxy = "", bug = ""] = process.argv;
const NOBODY = "127.0.0.1:9";

/** Some addresses, and always the same ones, lead to nobody. */
const resolve = (address: string): string => {
	let sum = 0;
	for (const char of address) sum = (sum * 31 + char.charCodeAt(0)) % 1009;
	return sum % 8 === 0 ? NOBODY : proxy;
};

// ── Bugs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

let calls = 0;
const hoard: unknown[] = [];

const BUGS: Readonly<Record<Bug, (row: CompositeRow) => Partial<Stages<CompositeRequest, CompositeResponse>>>> = {
	throws: ({ sync }) => ({
		sync: (request, ...rest) => {
			const { spec } = request.parent;
			if (/null|x{60}|:-/.test(JSON.stringify(spec) ?? "null")) throw new TypeError("cannot read the spec");
			return sync(request, ...rest);
		},
	}),
	tells: ({ sync }) => ({
		sync: (request, ...rest) => {
			console.log(JSON.stringify(request));
			return sync(request, ...rest);
		},
	}),
	hangs: () => ({ ask: () => [], decide: () => (++calls % 100 === 0 ? hang() : []) }),
	forgets: ({ sync }) => ({
		sync: (request, ...rest) => {
			const answer = sync(request, ...rest);
			return ++calls % 5 === 0 ? { ...answer, children: answer.children.slice(1) } : answer;
		},
	}),
	ends: ({ sync }) => ({ sync: (...given) => (++calls === 100 ? process.exit(3) : sync(...given)) }),
	hoards: ({ sync }) => ({
		sync: (...given) => {
			hoard.push(Array.from({ length: 150_000 }, () => calls++));
			return sync(...given);
		},
	}),
};

const hang = (): never => {
	for (;;) calls++;
};

const isBug = (name: string): name is Bug => Object.hasOwn(BUGS, name);

const rows = REGISTRY.map((row) =>
	isComposite(row) && isBug(bug) ? { ...row, ...changed(row, BUGS[bug](row)) } : row,
);

// ── Service ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const server = await startServer(readConfig(process.env), rows, { release: FUZZED_RELEASE, resolve });
process.on("message", (message) => {
	if (message === "close") {
		void server.close().then(() => process.disconnect());
		return;
	}
	globalThis.gc?.();
	tell({ heapBytes: process.memoryUsage().heapUsed, peakBytes: process.resourceUsage().maxRSS * 1024 });
});
tell({ host: server.address, port: server.port });
