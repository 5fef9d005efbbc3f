import { type Dispatcher, request } from "undici";
import { isKubeObject, stringAt, valueAt } from "../json.ts";
import { ApiError, type WatchEvent } from "../store.ts";
import { apiError, type Credentials, headersOf, urlOf } from "./calls.ts";

// A watch over HTTP: lines of JSON for as long as the server likes, then again from where it was.

type OnEvent = (event: WatchEvent) => void;

/** Resolves when the signal aborts or EXPIRED was delivered; rejects when the server refuses the watch. */
export const followWatch = async (
	credentials: Credentials,
	dispatcher: Dispatcher,
	path: string,
	resourceVersion: string,
	onEvent: OnEvent,
	signal: AbortSignal,
): Promise<void> => {
	let seen = resourceVersion;
	while (!signal.aborted) {
		try {
			const query = new URLSearchParams({ watch: "true", allowWatchBookmarks: "true", resourceVersion: seen });
			const response = await request(urlOf(credentials, `${path}?${query.toString()}`), {
				dispatcher,
				headers: headersOf(credentials),
				signal,
			});
			if (response.statusCode !== 200) throw apiError(response.statusCode, await response.body.text());
			for await (const line of lines(response.body)) {
				if (signal.aborted) return;
				const event: unknown = JSON.parse(line);
				const type = stringAt(event, "type");
				const object = valueAt(event, "object");
				// Mostly 410: what came after `seen` is no longer kept.
				if (type === "ERROR") return onEvent({ type: "EXPIRED" });
				seen = stringAt(object, "metadata", "resourceVersion") ?? seen;
				if (isChange(type) && isKubeObject(object)) onEvent({ type, object });
			}
		} catch (error) {
			if (signal.aborted) return;
			if (error instanceof ApiError && error.status !== 410) throw error;
			return onEvent({ type: "EXPIRED" });
		}
	}
};

const isChange = (type: string | undefined) => type === "ADDED" || type === "MODIFIED" || type === "DELETED";

async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let rest = "";
	for await (const chunk of body) {
		const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
		rest = parts.pop() ?? "";
		yield* parts.filter((part) => part !== "");
	}
}
