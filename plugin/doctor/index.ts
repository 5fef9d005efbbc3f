import { redactedText } from "../../kube/redaction.ts";
import { RELEASE } from "../../server/release.ts";
import type { Speech } from "../cluster/command-lines.ts";
import type { GivenFlags, Session } from "../cluster/context.ts";
import { type ClusterState, readClusterState } from "./cluster-state.ts";
import { controllers } from "./controllers.ts";
import { type DoctorFinding, doctorCode, doctorLines } from "./finding.ts";
import { figures, hooks } from "./hooks.ts";
import { clusterVersion, kinds } from "./kinds.ts";
import { metacontroller } from "./metacontroller.ts";
import { objects } from "./objects.ts";

// `doctor`: checks the installation.

export const doctor = async (session: Session, _words: readonly string[], flags: GivenFlags): Promise<number> => {
	const findings = examined(await readClusterState(session.kubectl, RELEASE), session.speech);
	if (flags.output === "json") session.json(findings);
	else session.print(doctorLines(findings, session.paint));
	return doctorCode(findings);
};

/** All findings, in the order of their dependencies. */
export const examined = (state: ClusterState, speech: Speech): DoctorFinding[] =>
	[
		clusterVersion(state),
		...kinds(state),
		...metacontroller(state),
		...controllers(state),
		...hooks(state),
		...figures(state),
		...objects(state, speech),
	].map((finding) => ({
		...finding,
		says: redactedText(finding.says),
		...(finding.details && { details: finding.details.map(redactedText) }),
	}));
