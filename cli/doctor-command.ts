import { type GivenFlags, sessionOf } from "./cluster/context.ts";
import { readFacts } from "./doctor/facts.ts";
import { doctorCode, doctorLines } from "./doctor/finding.ts";
import { examined } from "./doctor/index.ts";
import { RELEASE } from "./release.ts";

// `doctor`: is what drives the objects in order?

export const doctor = async (_words: readonly string[], flags: GivenFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const findings = examined(await readFacts(session.kubectl, RELEASE), session.speech);
	session.print(
		flags.output === "json" ? [JSON.stringify(findings, undefined, 2)] : doctorLines(findings, session.paint),
	);
	return doctorCode(findings);
};
