import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

// HTTP by bare bytes: a real client would mend, or refuse to send, most of what is to be sent here.

export interface Reply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

export interface Address {
	readonly host: string;
	readonly port: number;
}

/** What becomes of bytes that were sent: the answers in order, and whether the connection was closed behind them. */
export interface Outcome {
	readonly replies: readonly Reply[];
	readonly ended: "closed" | "open" | "hung";
}

export interface Line {
	/** Sends the bytes, and waits for so many answers, or for the end of the connection. */
	readonly exchange: (bytes: Uint8Array, answers: number, timeoutMs: number, headOnly?: boolean) => Promise<Outcome>;
	readonly close: () => void;
}

/** A connection that is kept as long as the server keeps it, then made anew. */
export const openLine = (address: Address): Line => {
	let socket: Socket | undefined;
	const connected = (): Socket => {
		if (socket !== undefined && !socket.destroyed && socket.writable && !socket.readableEnded) return socket;
		socket?.destroy();
		socket = connect(address);
		socket.setNoDelay(true);
		socket.on("error", () => {});
		return socket;
	};
	return {
		exchange: (bytes, answers, timeoutMs, headOnly = false) => {
			const used = connected();
			const outcome = answersOn(used, answers, timeoutMs, headOnly);
			used.write(bytes);
			return outcome.then((found) => {
				const closing = found.replies.some(({ headers }) => headers["connection"] === "close");
				if (found.ended !== "open" || closing) used.destroy();
				return found;
			});
		},
		close: () => socket?.destroy(),
	};
};

/** What is done on a connection of its own, one step after the other. */
export type Step =
	| { readonly write: Uint8Array }
	| { readonly pauseMs: number }
	/** The same bytes over and over, until the server has had enough. */
	| { readonly drip: Uint8Array; readonly everyMs: number }
	| { readonly end: true }
	| { readonly destroy: true };

export const perform = async (
	address: Address,
	steps: readonly Step[],
	answers: number,
	timeoutMs: number,
): Promise<Outcome> => {
	const socket = connect(address);
	socket.setNoDelay(true);
	socket.on("error", () => {});
	const outcome = answersOn(socket, answers, timeoutMs, false);
	for (const step of steps) {
		if (socket.destroyed) break;
		if ("write" in step) socket.write(step.write);
		else if ("pauseMs" in step) await sleep(step.pauseMs);
		else if ("end" in step) socket.end();
		else if ("destroy" in step) socket.destroy();
		else {
			const dripping = setInterval(() => void (socket.writable && socket.write(step.drip)), step.everyMs);
			socket.once("close", () => clearInterval(dripping));
		}
	}
	const found = await outcome;
	socket.destroy();
	return found;
};

const answersOn = (socket: Socket, answers: number, timeoutMs: number, headOnly: boolean): Promise<Outcome> =>
	new Promise((resolve) => {
		const replies: Reply[] = [];
		let rest: Buffer = Buffer.alloc(0);
		const finish = (ended: Outcome["ended"]) => {
			clearTimeout(timer);
			socket.off("data", onData).off("close", onClose).off("end", onClose);
			resolve({ replies, ended });
		};
		const onClose = () => finish("closed");
		const onData = (chunk: Buffer) => {
			rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
			for (let read = readReply(rest, headOnly); read !== undefined; read = readReply(rest, headOnly)) {
				rest = rest.subarray(read.length);
				// 100: go on, and the answer is still to come.
				if (read.reply.status >= 200) replies.push(read.reply);
				if (replies.length >= answers) return finish("open");
			}
		};
		const timer = setTimeout(() => finish("hung"), timeoutMs);
		socket.on("data", onData).once("close", onClose).once("end", onClose);
	});

const HEAD_END = Buffer.from("\r\n\r\n");

/** The first answer in these bytes, if it is there as a whole. */
export const readReply = (bytes: Buffer, headOnly: boolean): { reply: Reply; length: number } | undefined => {
	const end = bytes.indexOf(HEAD_END);
	if (end === -1) return undefined;
	const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
	const headers = Object.fromEntries(
		lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
	);
	const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? Number.NaN);
	const start = end + HEAD_END.length;
	if (headOnly || status === 204 || status < 200) return { reply: { status, headers, body: "" }, length: start };
	if (headers["transfer-encoding"] === "chunked") {
		const chunks = readChunks(bytes, start);
		return chunks && { reply: { status, headers, body: chunks.body }, length: chunks.end };
	}
	const length = start + Number(headers["content-length"] ?? 0);
	if (bytes.length < length) return undefined;
	return { reply: { status, headers, body: bytes.toString("utf8", start, length) }, length };
};

const readChunks = (bytes: Buffer, start: number): { body: string; end: number } | undefined => {
	const parts: Buffer[] = [];
	for (let at = start; ; ) {
		const line = bytes.indexOf("\r\n", at);
		if (line === -1) return undefined;
		const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
		const next = line + 2 + size + 2;
		if (bytes.length < next) return undefined;
		if (size === 0) return { body: Buffer.concat(parts).toString("utf8"), end: next };
		parts.push(bytes.subarray(line + 2, line + 2 + size));
		at = next;
	}
};
