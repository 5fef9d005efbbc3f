import type { ServerResponse } from "node:http";
import type { CallHistory } from "../call-history.ts";

// Notifies open pages of changes by server-sent events; they reload themselves. At most once per second: a cluster that starts causes
// a hundred times as many webhook calls.

const STREAMS = 16;
const SPACED_MS = 1000;
/** A proxy or forwarded port in between can close an idle connection. */
const BEAT_MS = 15_000;
/** A client that no longer reads uses memory. */
const UNREAD_BYTES = 65_536;

export type Events = ReturnType<typeof createEvents>;

export function createEvents(history: CallHistory) {
	const streams = new Set<ServerResponse>();
	let pending: NodeJS.Timeout | undefined;
	const tell = (text: string) => {
		for (const stream of streams) {
			if (stream.writableLength > UNREAD_BYTES) stream.destroy();
			else stream.write(text);
		}
	};
	const stopListening = history.onChange(() => {
		if (streams.size === 0 || pending !== undefined) return;
		pending = setTimeout(() => {
			pending = undefined;
			tell("event: change\ndata:\n\n");
		}, SPACED_MS).unref();
	});
	const beat = setInterval(() => tell(": still here\n\n"), BEAT_MS).unref();
	return {
		serve: (response: ServerResponse, headers: Readonly<Record<string, string>>) => {
			if (streams.size >= STREAMS) {
				response.writeHead(503, { ...headers, "content-type": "text/plain; charset=utf-8" });
				response.end("too many readers\n");
				return;
			}
			streams.add(response);
			response.once("close", () => streams.delete(response));
			response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8" });
			response.write("retry: 3000\n\n");
		},
		close: () => {
			stopListening();
			clearInterval(beat);
			clearTimeout(pending);
			for (const stream of streams) stream.destroy();
		},
	};
}
