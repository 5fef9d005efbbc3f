import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

// TCP servers that behave badly on purpose.

export interface Listening {
	readonly port: number;
	/** Connections that are open now. */
	readonly held: () => number;
	readonly close: () => Promise<void>;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listen(server: Server): Promise<Listening> {
	const sockets = new Set<Socket>();
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("error", () => {}).on("close", () => sockets.delete(socket));
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	return {
		port: portOf(server),
		held: () => sockets.size,
		close: async () => {
			server.close();
			for (const socket of sockets) socket.destroy();
			await once(server, "close");
		},
	};
}

/** Accepts, and says nothing. */
export const silentServer = (): Promise<Listening> => listen(createServer((socket) => void socket.resume()));

/** Answers whatever it is sent with the same: what it is sent may be a password. */
export const echoServer = (): Promise<Listening> => listen(createServer((socket) => void socket.pipe(socket)));

/** Answers as a web server does. */
export const webServer = (): Promise<Listening> =>
	listen(
		createServer((socket) => {
			const answer = () => socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\nBad Request\r\n");
			socket.once("data", answer);
			setTimeout(answer, 50).unref();
		}),
	);

export interface Gate extends Listening {
	/** Connections that were made through it so far. */
	readonly passed: () => number;
	/** From now on nothing comes through, in either direction, and nobody is told. */
	readonly hang: () => void;
	/** New connections come through again; those that hang go on hanging. */
	readonly open: () => void;
	/** Ends the connections that there are. */
	readonly cut: () => void;
}

/** Stands between the probe and a server. */
export async function gateTo(port: number): Promise<Gate> {
	const pairs = new Set<readonly [Socket, Socket]>();
	let hanging = false;
	let passed = 0;
	const server = createServer((inner) => {
		passed += 1;
		if (hanging) return;
		const outer = connect(port, "127.0.0.1");
		const pair = [inner, outer] as const;
		pairs.add(pair);
		const end = () => {
			pairs.delete(pair);
			inner.destroy();
			outer.destroy();
		};
		for (const socket of pair) socket.on("error", end).on("close", end);
		inner.pipe(outer);
		outer.pipe(inner);
	});
	const listening = await listen(server);
	const cut = () => {
		for (const [inner] of pairs) inner.destroy();
	};
	return {
		...listening,
		passed: () => passed,
		hang() {
			hanging = true;
			for (const [inner, outer] of pairs) {
				inner.unpipe(outer).pause();
				outer.unpipe(inner).pause();
			}
		},
		open() {
			hanging = false;
		},
		cut,
		close: async () => {
			cut();
			await listening.close();
		},
	};
}

export async function waitForPort(port: number): Promise<void> {
	for (let tries = 0; tries < 400; tries++) {
		const socket = connect(port, "127.0.0.1");
		const connected = await once(socket, "connect").then(
			() => true,
			() => false,
		);
		socket.destroy();
		if (connected) return;
		await sleep(25);
	}
	throw new Error(`nobody listens on port ${port}`);
}
