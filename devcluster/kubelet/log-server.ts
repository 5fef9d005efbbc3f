import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type Clock, millisOf } from "../../kube/time.ts";
import type { ServingCertificate } from "../control-plane/control-plane.ts";
import { freePort } from "../free-port.ts";
import type { Kubelet } from "./kubelet.ts";
import type { LogLine } from "./logs.ts";

// The part of a kubelet's server that `kubectl logs` needs: the API server asks it for what containers have written.

export interface LogServer {
	readonly port: number;
	stop(): Promise<void>;
}

const PATH = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/;

/** `kubelet` is asked at each request: the port must be known before the kubelet is there. */
export const startLogServer = async (
	{ cert, key }: ServingCertificate,
	clock: Clock,
	kubelet: () => Kubelet | undefined,
): Promise<LogServer> => {
	const server = createServer({ cert, key }, (request, response) => {
		const url = new URL(request.url ?? "/", "https://node");
		const [, namespace, pod, container = ""] = PATH.exec(decodeURIComponent(url.pathname)) ?? [];
		if (namespace === undefined) {
			response.writeHead(404).end("this node serves containers' logs only\n");
			return;
		}
		const log = kubelet()?.log(`${namespace}/${pod}`, container);
		if (log === undefined) {
			response.writeHead(400).end(`container "${container}" in pod "${pod}" is waiting to start`);
			return;
		}
		const { searchParams } = url;
		const text = (line: LogLine) =>
			searchParams.get("timestamps") === "true" ? `${line.time} ${line.text}\n` : `${line.text}\n`;
		response.writeHead(200, { "content-type": "text/plain" });
		for (const line of wanted(log.lines(), searchParams, clock.now())) response.write(text(line));
		if (searchParams.get("follow") === "true") followUp(response, (write) => log.follow((line) => write(text(line))));
		else response.end();
	});
	const port = await freePort();
	await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
	return {
		port,
		async stop() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => void server.close(() => resolve()));
		},
	};
};

const followUp = (response: ServerResponse, follow: (write: (text: string) => void) => () => void): void => {
	response.once(
		"close",
		follow((text) => void response.write(text)),
	);
};

const wanted = (lines: readonly LogLine[], parameters: URLSearchParams, now: number): readonly LogLine[] => {
	const since = parameters.get("sinceTime");
	const seconds = parameters.get("sinceSeconds");
	const sinceMillis = since === null ? Number.NEGATIVE_INFINITY : millisOf(since);
	const from = seconds === null ? sinceMillis : now - 1000 * Number(seconds);
	const recent = lines.filter(({ time }) => millisOf(time) >= from);
	const tail = parameters.get("tailLines");
	return tail === null ? recent : recent.slice(recent.length - Math.min(recent.length, Number(tail)));
};
