import { REGISTRY } from "../../hooks/index.ts";
import type { Answer } from "../../schemas/admin.ts";
import type { Admin } from "../../server/admin/admin.ts";
import { createApp } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { createLargeBodies } from "../../server/large-bodies/index.ts";
import { createLog } from "../../server/log.ts";
import { createMetrics } from "../../server/metrics.ts";
import { INSTALLATION } from "../installation.ts";
import { type BenchCall, callNamed } from "./requests.ts";
import { serve } from "./served.ts";

// The operator's server as it is in production, to its log and its metrics; only the proxies are not asked, but answer from
// memory, and time stands still so that every answer has the same bytes.

let current: BenchCall | undefined;
let answers = new Map<string, Answer>();

const admin: Admin = {
	ask: (questions) =>
		Promise.resolve(
			questions.map((question) => {
				const answer = answers.get(question.instance.address);
				if (answer === undefined) throw new Error("an instance is asked that was not asked before");
				return answer;
			}),
		),
	execute: () => Promise.reject(new Error("nothing is to be done about an object at rest")),
	close: () => Promise.resolve(),
};

const config = readConfig({});
const metrics = createMetrics(REGISTRY);
metrics.measureProcess();
const log = createLog(config, () => ({}));
const entry = new URL("../../server/large-bodies/thread.ts", import.meta.url);
const app = createApp({
	rows: REGISTRY,
	installation: INSTALLATION,
	clock: () => current?.context.now ?? "",
	log,
	// Somebody else's work on this machine is no reason to tell a caller to come back.
	limits: { ...config.limits, eventLoopDelayMs: 60_000 },
	metrics,
	admin,
	largeBodies: process.env["THREAD"] === "none" ? undefined : createLargeBodies({ entry, log }),
});
await app.ready();

serve(app.server, (name) => {
	current = callNamed(String(name));
	answers = new Map(current.answers.map((answer) => [answer.question.instance.address, answer]));
});
