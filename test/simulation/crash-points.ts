import { parseArgs } from "node:util";
import { createLogUpdate } from "log-update";
import { crashEverywhere } from "./crashes.ts";
import { samples } from "./samples.ts";

// make crash-points               every sample, a crash after every write and every call
// make crash-points ONE_IN=10     one in so many of them

const { values } = parseArgs({
	options: {
		sample: { type: "string" },
		"one-in": { type: "string", default: "1" },
		seed: { type: "string", default: "1" },
	},
});

const progress = createLogUpdate(process.stderr);
let [points, failed] = [0, 0];
for (const sample of samples()) {
	if (values.sample !== undefined && values.sample !== sample.name) continue;
	const report = await crashEverywhere(sample, Number(values.seed), {
		oneIn: Number(values["one-in"]),
		onPoint: ({ victim, after }) => {
			if (process.stderr.isTTY) progress(`${sample.name}: ${victim} dies after ${after}`);
		},
	});
	progress.clear();
	points += report.points;
	failed += report.failures.length;
	console.log(
		`${sample.name.padEnd(44)} ${String(report.points).padStart(5)} points, ${report.failures.length} do not converge`,
	);
	for (const { point, findings } of report.failures)
		console.log(
			`  ${point.victim} dies after ${point.after}:\n${findings.map((finding) => `    ${finding}`).join("\n")}`,
		);
}
console.log(`${points} crash points, ${points - failed} converge`);
process.exitCode = failed === 0 ? 0 : 1;
