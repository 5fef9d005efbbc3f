import { createServer } from "node:http";
import { callNamed } from "./requests.ts";
import { serve } from "./served.ts";

// The floor: what any webhook in Node has to do, and nothing else. It reads a body, parses it, and answers the same bytes
// as the hooks, from an object that is there already.

let answer: unknown = {};

const server = createServer((request, response) => {
	const chunks: Buffer[] = [];
	request.on("data", (chunk: Buffer) => chunks.push(chunk));
	request.on("end", () => {
		JSON.parse(Buffer.concat(chunks).toString("utf8"));
		const text = JSON.stringify(answer);
		response.writeHead(200, {
			"content-type": "application/json; charset=utf-8",
			"content-length": Buffer.byteLength(text),
		});
		response.end(text);
	});
});

serve(server, (name) => {
	const { body, compute } = callNamed(String(name));
	answer = compute(JSON.parse(body));
});
