import autocannon from "autocannon";
import { startServed } from "./children.ts";
import type { Part } from "./part.ts";
import { benchCalls } from "./requests.ts";
import type { Cost } from "./served.ts";
import { figure, goals, mib, table } from "./table.ts";

// Whether memory stays where it is: a million calls of one process, and a look at its heap now and then.

const CALLS = Number(process.env["CALLS"] ?? 1_000_000);
/** The command has other parts; what was reached by then is told. */
const MOST_SECONDS = 410;
const LOOKS = 10;
const CONNECTIONS = 5;
const CHUNK = 5000;
/** Growth of the heap between the second look, when all caches are warm, and the last. */
const GROWTH = 0.05;

interface Look extends Cost {
	readonly calls: number;
}

export const memory: Part = {
	name: "memory",
	run: async (progress) => {
		const served = await startServed("./subject.ts");
		const call = benchCalls().find(({ kind, size }) => kind === "PrismNamespace" && size === "small");
		if (call === undefined) throw new Error("there is no such call");
		const looks: Look[] = [];
		try {
			await served.next(call.name);
			const began = performance.now();
			let calls = 0;
			for (let share = 0; share < 1; ) {
				const { requests, non2xx, errors } = await autocannon({
					url: `${served.url}${call.path}`,
					method: "POST",
					headers: { "content-type": "application/json" },
					body: call.body,
					connections: CONNECTIONS,
					pipelining: 4,
					amount: CHUNK,
				});
				if (non2xx + errors > 0) throw new Error(`${non2xx} answers other than 200, ${errors} errors`);
				calls += requests.total;
				share = Math.max(calls / CALLS, (performance.now() - began) / 1000 / MOST_SECONDS);
				if (share < (looks.length + 1) / LOOKS) continue;
				const look = { ...(await served.settledCost()), calls };
				looks.push(look);
				progress(
					`${calls.toLocaleString("en-US")} calls: heap ${mib(look.heapBytes)} MiB, RSS ${mib(look.rssBytes)} MiB`,
				);
			}
		} finally {
			await served.stop();
		}
		const [first, second = first] = looks;
		const last = looks.at(-1);
		const growth = (last?.heapBytes ?? Number.NaN) / (second?.heapBytes ?? Number.NaN) - 1;
		return [
			goals([
				{
					what: `heap after ${(last?.calls ?? 0).toLocaleString("en-US")} calls, against ${(second?.calls ?? 0).toLocaleString("en-US")}`,
					measured: `${growth < 0 ? "" : "+"}${(100 * growth).toFixed(1)} %`,
					goal: `flat: within ${100 * GROWTH} %`,
					met: growth <= GROWTH,
				},
			]),
			table(
				[
					{ title: "calls", of: ({ calls }: Look) => calls.toLocaleString("en-US"), right: true },
					{ title: "heap MiB", of: ({ heapBytes }) => mib(heapBytes), right: true },
					{ title: "RSS MiB", of: ({ rssBytes }) => mib(rssBytes), right: true },
					{ title: "CPU s", of: ({ cpuMs }) => figure(cpuMs / 1000), right: true },
				],
				looks,
			),
		].join("\n\n");
	},
};
