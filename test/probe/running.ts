import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect } from "vitest";
import type { ProbeReport } from "../../probe/app.ts";
import { readProbeConfig } from "../../probe/config.ts";
import { type RunningProbe, runProbe } from "../../probe/main.ts";
import type { CheckOutcome } from "../../probe/verdict.ts";

// The whole probe in this process, with all that it lets out.

export interface ObservedProbe {
	/** Waits until the verdict is this one. */
	readonly until: (outcome: CheckOutcome) => Promise<ProbeReport>;
	/** Verdicts that were logged, in order. */
	readonly verdicts: () => CheckOutcome[];
	/** Waits until so many checks more have ended. */
	readonly checks: (count: number) => Promise<void>;
	/** Closes it, and makes sure that nothing of what it let out holds one of the words. */
	readonly end: (secrets: readonly string[]) => Promise<void>;
}

const PATIENCE_MS = 30_000;

export async function observeProbe(env: Readonly<Record<string, string>>): Promise<ObservedProbe> {
	const lines: string[] = [];
	const config = readProbeConfig({
		PRISM_PROBE_INTERVAL: "500ms",
		PRISM_PROBE_TIMEOUT: "500ms",
		PRISM_PROBE_PORT: "0",
		LOG_LEVEL: "trace",
		...env,
	});
	const probe: RunningProbe = await runProbe(config, {
		log: pino({ level: "trace" }, { write: (line) => void lines.push(line) }),
		host: "127.0.0.1",
	});
	const told: string[] = [];
	const get = async (path: string) => {
		const answer = await fetch(`http://127.0.0.1:${probe.port}${path}`);
		const text = await answer.text();
		told.push(text);
		return { status: answer.status, text };
	};
	const report = async (): Promise<ProbeReport> => {
		const { status, text } = await get("/readyz");
		const read = JSON.parse(text) as ProbeReport;
		expect(status).toBe(read.healthy ? 200 : 503);
		return read;
	};
	const counted = async (): Promise<number> => {
		const { text } = await get("/metrics");
		const counts = [...text.matchAll(/^prism_backend_checks_total\{.*\} (\d+)$/gm)];
		return counts.reduce((sum, [, count]) => sum + Number(count), 0);
	};
	return {
		async until(outcome) {
			const end = Date.now() + PATIENCE_MS;
			let last = await report();
			while (last.reason !== outcome && Date.now() < end) {
				await sleep(25);
				last = await report();
			}
			expect(last.reason, last.message).toBe(outcome);
			return last;
		},
		verdicts: () =>
			lines
				.map((line) => JSON.parse(line) as { msg: string; reason: CheckOutcome })
				.filter(({ msg }) => msg === "verdict")
				.map(({ reason }) => reason),
		async checks(count) {
			const end = Date.now() + PATIENCE_MS;
			const wanted = (await counted()) + count;
			while ((await counted()) < wanted && Date.now() < end) await sleep(25);
		},
		async end(secrets) {
			await Promise.all(["/", "/metrics", "/healthz", "/nothing"].map(get));
			await probe.close();
			const output = [...lines, ...told].join("\n");
			for (const secret of secrets) expect(output).not.toContain(secret);
		},
	};
}
