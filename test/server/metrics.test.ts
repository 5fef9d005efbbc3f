import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { call, send, start, until } from "./started.ts";
import { syncBody, toy, toyRow } from "./toy.ts";

// What /metrics says, and that docs/metrics.md lists exactly that. `UPDATE=1` writes the page anew.

const PAGE = new URL("../../docs/metrics.md", import.meta.url);

interface Served {
	readonly name: string;
	readonly type: string;
	readonly help: string;
}

function served(text: string): Served[] {
	const types = new Map(text.split("\n").flatMap((line) => pair(/^# TYPE (\S+) (\S+)$/.exec(line))));
	const helps = text.split("\n").flatMap((line) => pair(/^# HELP (\S+) (.+)$/.exec(line)));
	return helps.map(([name, help]) => ({ name, type: types.get(name) ?? "?", help }));
}

const pair = (match: RegExpExecArray | null): [string, string][] => {
	const [, name, value] = match ?? [];
	return name === undefined || value === undefined ? [] : [[name, value]];
};

const row = ({ name, type, help }: Served) => `| \`${name}\` | ${type} | ${help.replace(/\.$/, "")}. |`;

const page = (metrics: readonly Served[]): string => {
	const [ours, theirs] = [true, false].map((own) =>
		metrics.filter(({ name }) => name.startsWith("prism_operator_") === own).map(row),
	);
	const head = ["| metric | type | meaning |", "|---|---|---|"];
	return [
		"<!-- Written by `UPDATE=1 vitest run test/server/metrics.test.ts`, which compares it with what is served. -->",
		"# Metrics",
		"",
		"For administrators: every Prometheus metric of the operator. The webhook server serves `/metrics` on the same port as the webhooks.",
		"`PRISM_METRICS` [restricts](configuration.md) the access. [Dashboards](observability.md#dashboards) show all of these metrics, and",
		"[alerts](alerts.md) use some of them.",
		"",
		"Label values are kinds, webhooks, the values that this page lists, and the names of the Services of at most 600 shards; further",
		"shards have the value `other`. Names of other objects never occur in labels.",
		"",
		...head,
		...(ours ?? []),
		"",
		"## Process metrics",
		"",
		...head,
		...(theirs ?? []),
		"",
	].join("\n");
};

test("every metric that is served is documented, and every documented one is served", async () => {
	const { server } = await start();
	const { status, headers, text } = await send(server, "/metrics");
	expect(status).toBe(200);
	expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
	const metrics = served(text);
	expect(metrics.length).toBeGreaterThan(20);
	const expected = page(metrics);
	if (process.env["UPDATE"] === "1") writeFileSync(PAGE, expected);
	expect(readFileSync(PAGE, "utf8")).toBe(expected);
	for (const name of text.matchAll(/^(prism_operator_\w+)/gm)) {
		const base = name[1]?.replace(/_(bucket|sum|count)$/, "");
		expect(metrics.some((metric) => metric.name === name[1] || metric.name === base)).toBe(true);
	}
});

describe("what is counted", () => {
	/** Lines of our own metrics that are not 0, without buckets and times. */
	const counted = (text: string) =>
		text
			.split("\n")
			.filter((line) => line.startsWith("prism_operator_") && !/_bucket|_sum|_connections|_expiry| 0$/.test(line))
			.toSorted();

	test("calls by kind, hook and outcome, their time and size; refusals by status", async () => {
		const failing = toyRow();
		const { server } = await start({}, [
			{
				...failing.row,
				finalize: () => {
					throw new Error("on purpose");
				},
			},
		]);
		const body = JSON.stringify(syncBody());
		await call(server);
		await call(server);
		await send(server, "/toy/finalize", { body });
		await send(server, "/toy/customize", { body: "{" });
		await send(server, "/toy/customize", { body: JSON.stringify(syncBody({ parent: { ...toy, kind: "Doll" } })) });
		await send(server, `/toy/${"x".repeat(40)}?name=car`, { body });
		const socket = connect(server.port, server.address);
		socket.write("nonsense\r\n\r\n");
		await readText(socket);
		const aborted = connect(server.port, server.address);
		aborted.write("POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n");
		const flying = "prism_operator_hook_calls_in_flight 1";
		await until(async () => (await send(server, "/metrics")).text.includes(flying));
		// A body that ends too early is a third request that can not be read.
		aborted.resetAndDestroy();
		await until(async () => !(await send(server, "/metrics")).text.includes(flying));
		const { text } = await send(server, "/metrics");
		expect(counted(text)).toEqual([
			'prism_operator_hook_calls_total{kind="Toy",hook="customize",outcome="refused"} 2',
			'prism_operator_hook_calls_total{kind="Toy",hook="finalize",outcome="failed"} 1',
			'prism_operator_hook_calls_total{kind="Toy",hook="sync",outcome="aborted"} 1',
			'prism_operator_hook_calls_total{kind="Toy",hook="sync",outcome="answered"} 2',
			'prism_operator_hook_duration_seconds_count{kind="Toy",hook="finalize"} 1',
			'prism_operator_hook_duration_seconds_count{kind="Toy",hook="sync"} 2',
			'prism_operator_hook_request_bytes_count{kind="Toy",hook="customize"} 2',
			'prism_operator_hook_request_bytes_count{kind="Toy",hook="finalize"} 1',
			'prism_operator_hook_request_bytes_count{kind="Toy",hook="sync"} 2',
			'prism_operator_hook_stage_duration_seconds_count{kind="Toy",stage="conclude"} 2',
			'prism_operator_requests_refused_total{status="400"} 3',
			'prism_operator_requests_refused_total{status="404"} 1',
			'prism_operator_requests_refused_total{status="422"} 1',
		]);
		expect(text).toContain(`prism_operator_hook_request_bytes_sum{kind="Toy",hook="sync"} ${2 * body.length}`);
		expect(text).not.toContain("car");
	});
});
