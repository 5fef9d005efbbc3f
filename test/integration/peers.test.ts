import { expect, it } from "vitest";
import { requestsIn, runningIn } from "../bench/bare-cluster.ts";
import { contestants } from "../bench/contestants.ts";
import { compared } from "../bench/peers.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { METACONTROLLER } from "./line.ts";

// The comparison with other operators (make bench PARTS=peers), in the small: the least that a hook can be, and this operator.

const COUNT = 10;

it("measures this operator beside the floor", { timeout: CLUSTER_TIMEOUT }, async () => {
	const all = contestants({ metacontroller: METACONTROLLER, peer: "", kro: "" });
	const [floor, ours, unwatched, ...others] = await compared(
		all,
		{ count: COUNT, restSeconds: 5, atMostSeconds: 120 },
		() => {},
	);
	expect(others).toEqual([]);
	for (const found of [floor, ours, unwatched]) {
		expect(found?.seconds).toBeGreaterThan(0);
		// Its creation, two children, a status, and the reads around these.
		expect(found?.requests).toBeGreaterThanOrEqual(5);
		expect(found?.cpu.apiServer).toBeGreaterThan(0);
	}
	// Three children, one of which is a budget for disruptions, and one status.
	expect(ours?.requests).toBeLessThanOrEqual((floor?.requests ?? 0) + 2);
});

it("counts what is asked of single objects", () => {
	const line = (verb: string, resource: string, count: number) =>
		`apiserver_request_total{code="200",resource="${resource}",scope="resource",verb="${verb}",version="v1"} ${count}`;
	const metrics = [
		"# HELP apiserver_request_total counts",
		line("POST", "services", 3),
		line("GET", "patternrunners", 4),
		line("LIST", "services", 100),
		line("WATCH", "services", 100),
		line("PUT", "leases", 100),
		line("GET", "", 100),
	];
	expect(requestsIn(metrics.join("\n"))).toBe(7);
});

it("reads what a process took", () => {
	const stat = "42 (a (strange) name) S 7 42 42 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 1 0 100";
	expect(runningIn(stat)).toEqual({ pid: 42, parent: 7, name: "a (strange) name", seconds: 1.75 });
});
