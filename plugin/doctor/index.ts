import { redactedText } from "../../kube/redaction.ts";
import { RELEASE } from "../../server/release.ts";
import type { Speech } from "../cluster/command-lines.ts";
import type { GivenFlags, Session } from "../cluster/context.ts";
import { mayInstall, rulesIn } from "../why/permissions.ts";
import { type ClusterState, readClusterState } from "./cluster-state.ts";
import { controllers } from "./controllers.ts";
import { type DoctorFinding, doctorCode, doctorLines } from "./finding.ts";
import { figures, hooks } from "./hooks.ts";
import { clusterVersion, kinds } from "./kinds.ts";
import { metacontroller } from "./metacontroller.ts";
import { objects } from "./objects.ts";

// `doctor`: checks the installation.

export const doctor = async (session: Session, _words: readonly string[], flags: GivenFlags): Promise<number> => {
	const [state, rules] = await Promise.all([
		readClusterState(session.kubectl, RELEASE),
		rulesIn(session.kubectl, undefined),
	]);
	const findings = examined(state, session.speech).map((finding) => (mayInstall(rules) ? finding : delegated(finding)));
	if (flags.output === "json") session.json(findings);
	else session.print(doctorLines(findings, session.paint));
	return doctorCode(findings);
};

/** For a user without the permission to change the installation. */
export const delegated = ({ fix, ...finding }: DoctorFinding): DoctorFinding => ({
	...finding,
	...(fix && { fix: fix.map((text) => (CHANGES.test(text) ? `ask an administrator to run: ${text}` : text)) }),
});

const CHANGES = /^(?:helm|kubectl (?:apply|delete)) /;

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
