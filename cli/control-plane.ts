import { createLogUpdate } from "log-update";
import { obtainControlPlane } from "../devcluster/control-plane/binaries.ts";
import { unsupportedSkews } from "../devcluster/control-plane/skew.ts";
import { type Environment, exitCodeOf, type Report } from "../devcluster/programs.ts";

/** Gets the programs of the control plane, and prints where they are. Returns the exit code. */
export const controlPlane = (environment: Environment): Promise<number> =>
	exitCodeOf(async () => {
		const { report, end } = reportTo(process.stdout);
		try {
			const binaries = await obtainControlPlane(environment, report);
			end();
			for (const sentence of await unsupportedSkews(binaries)) console.log(sentence);
			for (const path of Object.values(binaries)) console.log(path);
		} finally {
			end();
		}
	});

const reportTo = (stream: NodeJS.WriteStream): { readonly report: Report; readonly end: () => void } => {
	const line = (message: string) => void stream.write(`${message}\n`);
	if (!stream.isTTY) return { report: { line, progress: line }, end: () => {} };
	const update = createLogUpdate(stream);
	return {
		report: {
			line: (message) => {
				update.clear();
				line(message);
			},
			progress: (message) => update(message),
		},
		end: () => update.clear(),
	};
};
