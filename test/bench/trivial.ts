import { createServer } from "node:http";
import type { KubeObject } from "../../schemas/common.ts";

// The least that a hook can be: a Deployment and a Service for each PatternRunner, and a status that never changes.

const labelsOf = (name: string) => ({ app: "trivial", runner: name });

const childrenOf = ({ metadata: { name } }: KubeObject) => [
	{
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, labels: labelsOf(name) },
		spec: {
			replicas: 1,
			selector: { matchLabels: labelsOf(name) },
			template: {
				metadata: { labels: labelsOf(name) },
				spec: { containers: [{ name: "runner", image: "runner:v1" }] },
			},
		},
	},
	{
		apiVersion: "v1",
		kind: "Service",
		metadata: { name, labels: labelsOf(name) },
		spec: { selector: labelsOf(name), ports: [{ name: "grpc", port: 8080 }] },
	},
];

const server = createServer((request, response) => {
	const chunks: Buffer[] = [];
	request.on("data", (chunk: Buffer) => chunks.push(chunk));
	request.on("end", () => {
		response.writeHead(200, { "content-type": "application/json" });
		// Whether it runs, and nothing else.
		if (request.method === "GET") return response.end();
		const { parent } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { parent: KubeObject };
		return response.end(JSON.stringify({ status: { phase: "Pending" }, children: childrenOf(parent) }));
	});
});
server.keepAliveTimeout = 100_000;
server.listen(Number(process.env["PORT"]), "127.0.0.1");
