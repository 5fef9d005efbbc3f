import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";
import { kubectlCommand, placeOf } from "../cluster/speech.ts";
import { namespaceOf } from "../cluster/view.ts";
import { edit, resume, showYaml } from "./advice.ts";
import { type Finding, type Known, keyOf, type Need, named, shownBy } from "./diagnosis.ts";

// What stands in the way by what a spec says, or by what somebody else has made.

/** A spec that is refused: the message has the field, and what to do. */
export const refusedSpec = (known: Known, object: KubeObject): Finding => {
	const ready = conditionOf(object, "Ready");
	const message = ready?.message ?? "";
	const field = /\bspec(?:\.[\w[\]"-]+)+/.exec(message)?.[0] ?? "spec";
	const copy = /\((kubectl .+)\) and remove the field$/.exec(message)?.[1];
	return shownBy(object, ready?.reason ?? "InvalidSpec", {
		cause: message,
		since: ready?.lastTransitionTime,
		details: [{ title: "Meanwhile", lines: ["what runs goes on as it was: a refused spec changes nothing"] }],
		next: [
			...(copy === undefined ? [] : [{ say: "copy it", command: copy }]),
			edit(known, object, field, "mend the field"),
		],
	});
};

export const pausedWork = (known: Known, object: KubeObject): Finding => {
	const paused = conditionOf(object, "Paused");
	const ready = conditionOf(object, "Ready");
	return shownBy(object, "Paused", {
		cause: `${object.kind} ${object.metadata.name} is paused, and was not done when that happened${ready === undefined ? "" : `: ${ready.message.replace(/^paused before this was done: /, "")}`}`,
		since: paused?.lastTransitionTime ?? ready?.lastTransitionTime,
		next: [resume(known, object)],
		state: "paused",
	});
};

/** Something of the name that a child should have is there, and is somebody else's: who that is tells the object itself. */
export const nameTaken = (known: Known, object: KubeObject): Finding => {
	const ready = conditionOf(object, "Ready");
	const told = /^(\S+) (\S+) has not appeared/.exec(ready?.message ?? "");
	const [entry] = recordsAt(object, "status", "missing").filter(
		({ kind, name }) => told === null || (kind === told[1] && name === told[2]),
	);
	const kind = textAt(entry, "kind") ?? told?.[1] ?? "object";
	const name = textAt(entry, "name") ?? told?.[2] ?? "";
	const need: Need = { need: "object", resource: kind.toLowerCase(), namespace: namespaceOf(object), name };
	const asked = known.extra.objects.has(keyOf(need));
	const theirs = known.extra.objects.get(keyOf(need));
	const since = typeof entry?.["since"] === "string" ? entry["since"] : ready?.lastTransitionTime;
	if (theirs === undefined)
		return shownBy(object, "NameTaken", {
			cause: asked
				? `${kind} ${name} is wanted and is not there, nor does anything of that name stand in its way: Metacontroller fails to create it`
				: `${kind} ${name} has not appeared: the name seems to be somebody else's`,
			since,
			next: asked
				? [
						{
							say: "what Metacontroller said",
							command: kubectlCommand(
								known.speech,
								"get",
								"events",
								...placeOf(object),
								"--field-selector",
								`involvedObject.name=${object.metadata.name}`,
							),
						},
						{ say: "whether it may create that kind", command: `${known.speech.program} doctor` },
					]
				: [],
			needs: asked ? [] : [need],
		});
	const owner = whose(theirs);
	const isOther = theirs.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) !== true;
	return shownBy(theirs, isOther ? "Foreign" : "Present", {
		cause: isOther
			? `${kind} ${name} is there already, and is somebody else's: it ${owner}. Nothing of somebody else's is ever overwritten`
			: `${kind} ${name} has appeared meanwhile: the next look will say so`,
		since,
		evidence: named(theirs),
		next: isOther
			? [
					{ say: "look at it", ...showYaml(known, theirs) },
					{
						say: `if nobody needs it, delete it: ${object.kind} ${object.metadata.name} then makes its own`,
						command: kubectlCommand(known.speech, "delete", kind.toLowerCase(), name, ...placeOf(theirs)),
					},
					{
						say: `otherwise give ${object.kind} ${object.metadata.name} another name: its children are named after it`,
					},
				]
			: [],
		state: isOther ? "broken" : "waiting",
	});
};

/** Who made an object, by what it carries. */
const whose = ({
	metadata: { ownerReferences = [], labels = {}, annotations = {}, managedFields = [] },
}: KubeObject): string => {
	const [owner] = ownerReferences;
	if (owner !== undefined) return `belongs to ${owner.kind} ${owner.name}`;
	const release = annotations["meta.helm.sh/release-name"];
	if (release !== undefined) return `belongs to Helm release ${release}`;
	const argo = annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"];
	if (argo !== undefined) return `belongs to Argo CD application ${argo}`;
	const flux = labels["kustomize.toolkit.fluxcd.io/name"];
	if (flux !== undefined) return `belongs to Flux Kustomization ${flux}`;
	const by = labels["app.kubernetes.io/managed-by"];
	if (by !== undefined && by !== "prism-operator") return `is managed by ${by}`;
	const managers = managedFields
		.map((entry) => (typeof entry === "object" && entry !== null && "manager" in entry ? String(entry.manager) : ""))
		.filter((manager) => manager !== "");
	return managers[0] === undefined ? "does not tell who made it" : `was written by "${managers[0]}"`;
};
