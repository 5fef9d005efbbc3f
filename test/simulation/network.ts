import { type Client, type Metadata, status } from "@grpc/grpc-js";
import type { Done } from "../../devcluster/proxy/method.ts";
import type { Clock } from "../../kube/time.ts";
import type { Channels } from "../../server/admin/channels.ts";
import type { Chance } from "./chance.ts";
import type { Proxies } from "./proxies.ts";

// What grpc-js and a network are to the production client: a call is under way for a while, finds who is there when it
// arrives, is answered or not, and ends for its caller at its deadline at the latest. What it does, it does all the same.

export interface WireOptions {
	readonly proxies: Proxies;
	readonly clock: Clock;
	/** The calling process's own: while that stands still, it hears nothing. */
	readonly callers: Pick<Clock, "now" | "after">;
	readonly chance: Chance;
	/** Longest time of one way, in milliseconds. */
	readonly latencyMs: () => number;
	/** Whether the calling process still runs: a dead one hears nothing, and what it sent arrives. */
	readonly isAlive: () => boolean;
}

interface Deadline {
	readonly deadline: number;
}

export const createWire = ({ proxies, clock, callers, chance, latencyMs, isAlive }: WireOptions): Channels => {
	const oneWay = () => chance.next() * latencyMs();
	const clientOf = (address: string) => ({
		makeUnaryRequest(
			path: string,
			_serialize: unknown,
			_deserialize: unknown,
			request: unknown,
			metadata: Metadata,
			{ deadline }: Deadline,
			ended: Done<unknown>,
		) {
			let over = false;
			const end: Done<unknown> = (error, answer) => {
				if (over) return;
				over = true;
				cancelDeadline();
				if (isAlive()) ended(error, answer);
			};
			const cancelDeadline = callers.after(deadline - callers.now(), () =>
				end({ code: status.DEADLINE_EXCEEDED, details: "Deadline exceeded" }),
			);
			clock.after(oneWay(), () => {
				const proxy = proxies.at(address);
				if (proxy === undefined) {
					callers.after(oneWay(), () => end({ code: status.UNAVAILABLE, details: "no connection established" }));
					return;
				}
				proxy.call(path, request, metadata, (error, answer) => {
					callers.after(oneWay(), () => end(error, answer));
				});
			});
			// No headers come before an answer.
			return { on() {}, cancel: () => end({ code: status.CANCELLED, details: "Cancelled on client" }) };
		},
	});
	return {
		// Only what the transport uses of a client.
		use: (address, work) => work(clientOf(address) as unknown as Client),
		renew() {},
		renewAll() {},
		closeIdle() {},
	};
};
