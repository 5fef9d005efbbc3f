import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";
import { isOurs } from "../cluster/kinds.ts";
import type { Cure, PodTrouble } from "../cluster/pods.ts";
import { kubectlCommand, placeOf, prismCommand } from "../cluster/speech.ts";
import { ancestry } from "../cluster/view.ts";
import { describe, edit, logs, type Setting, settingField } from "./advice.ts";
import type { Advice, Known } from "./diagnosis.ts";

// What helps a pod in trouble: where to look closer, and which field of which object to change.

export const cureFor = (
	known: Known,
	pod: KubeObject,
	trouble: PodTrouble,
	workload: KubeObject | undefined,
): Advice[] => {
	const { container } = trouble;
	const maker = workload === undefined ? undefined : ancestry(known.view, workload).find(isOurs);
	const change = (setting: Setting, say: string): Advice[] => {
		const field = maker === undefined || workload === undefined ? undefined : settingField(maker, workload, setting);
		return maker === undefined || field === undefined ? [] : [edit(known, maker, field, say)];
	};
	const plugin = /^(?:plugin|load)-(.+)$/.exec(container ?? "")?.[1];
	const table: Readonly<Record<Cure, () => Advice[]>> = {
		image: () => [
			describe(known, pod),
			...(plugin === undefined
				? change("image", "if the name is wrong")
				: [
						{
							say: `the image is that of PrismPlugin ${plugin}: go back to the version before`,
							command: prismCommand(known.speech, "rollback", plugin, ...placeOf(pod)),
						},
					]),
			...change("pullSecrets", "if the registry wants credentials, a Secret of this namespace with them").map(
				({ say }) => ({
					...(say !== undefined && { say }),
				}),
			),
		],
		logs: () => [
			logs(known, pod, { container, previous: trouble.logs === "previous" }),
			describe(known, pod),
			...change("config", "if a setting is wrong"),
		],
		config: () => [describe(known, pod), ...missingObject(known, pod, trouble.says)],
		resources: () => [describe(known, pod), ...change("memory", "give it more memory")],
		scheduling: () => [
			describe(known, pod),
			{ say: "what nodes have left", command: kubectlCommand(known.speech, "describe", "nodes") },
			...change("placement", "or ask for less, or for other nodes"),
		],
		volume: () => [
			describe(known, pod),
			...missingObject(known, pod, trouble.says),
			{ say: "volumes of this namespace", command: kubectlCommand(known.speech, "get", "pvc", ...placeOf(pod)) },
		],
		node: () => [
			describe(known, pod),
			...(trouble.word === "Terminating"
				? [
						{
							say: "is its node alive?",
							command: kubectlCommand(known.speech, "get", "node", textAt(pod, "spec", "nodeName") ?? ""),
						},
					]
				: []),
		],
		wait: () => [
			{
				say: "wait for it",
				command: kubectlCommand(known.speech, "get", "pod", pod.metadata.name, ...placeOf(pod), "-w"),
			},
		],
	};
	return table[trouble.cure]();
};

/** A Secret or ConfigMap that a message says is not there. */
const missingObject = ({ speech }: Known, pod: KubeObject, says: string): Advice[] => {
	const [, kind, name] = /(secret|configmap) "?([a-z0-9./-]+)"? not found/i.exec(says) ?? [];
	if (kind !== undefined && name !== undefined) {
		const short = name.split("/").at(-1) ?? name;
		const command =
			kind.toLowerCase() === "secret"
				? kubectlCommand(speech, "create", "secret", "generic", short, ...placeOf(pod), "--from-literal=KEY=VALUE")
				: kubectlCommand(speech, "get", "configmap", short, ...placeOf(pod));
		return [
			{
				say:
					kind.toLowerCase() === "secret"
						? "make the Secret that is missing"
						: "see whether the ConfigMap is there by now",
				command,
			},
		];
	}
	const [, key, object] = /couldn't find key (\S+) in (?:Secret|ConfigMap) (\S+)/.exec(says) ?? [];
	if (key === undefined || object === undefined) return [];
	return [
		{
			say: `keys that it has (no values are shown); ${key} is missing`,
			command: kubectlCommand(speech, "describe", "secret", object.split("/").at(-1) ?? object, ...placeOf(pod)),
		},
	];
};
