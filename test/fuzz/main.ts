import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.ts";
import { printed } from "./report.ts";

// `make fuzz`: up to ten million hostile bodies, or an hour of them, unless told otherwise.

const { values } = parseArgs({
	options: {
		seed: { type: "string", default: "" },
		bodies: { type: "string", default: "" },
		seconds: { type: "string", default: "" },
		case: { type: "string", default: "" },
	},
});

const number = (name: keyof typeof values, fallback: number): number => {
	const text = values[name];
	if (text === "") return fallback;
	if (!/^\d{1,9}$/.test(text)) {
		console.error(`cannot run: ${name.toUpperCase()} is not a whole number: ${text}`);
		process.exit(2);
	}
	return Number(text);
};

const report = await runCampaign({
	seed: number("seed", Math.floor(Math.random() * 1e9)),
	bodies: number("bodies", 10_000_000),
	seconds: number("seconds", 3600),
	only: values.case === "" ? undefined : number("case", 0),
	tell: (line) => console.error(line),
});
console.log(printed(report));
process.exitCode = report.findings.length === 0 ? 0 : 1;
