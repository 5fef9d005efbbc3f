import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unsupportedSkews } from "../../../devcluster/control-plane/skew.ts";
import { type Machine, machine } from "../control-plane-world.ts";

let here: Machine;
beforeEach(() => {
	here = machine();
});
afterEach(() => here.remove());

describe("a controller manager from elsewhere than the API server", () => {
	const say = (path: string, version: string) => here.script(path, `echo Kubernetes ${version}`);
	const skewOf = (server: string, managers: string) =>
		unsupportedSkews({
			etcd: "",
			kubectl: "",
			kubeApiserver: say("assets/kube-apiserver", server),
			kubeControllerManager: say("cache/kube-controller-manager", managers),
			kubeScheduler: say("cache/kube-scheduler", managers),
		});

	test.for([
		["v1.36.0", "v1.36.3"],
		["v1.36.0", "v1.35.1"],
		["v1.36.0", "not-a-version"],
	])("%s with %s is supported, or not known", async ([server, managers]) => {
		expect(await skewOf(server ?? "", managers ?? "")).toEqual([]);
	});

	test.for([
		["v1.35.2", "v1.36.3"],
		["v1.36.3", "v1.34.0"],
	])("%s with %s is told for both programs", async ([server, managers]) => {
		const sentences = await skewOf(server ?? "", managers ?? "");
		expect(sentences).toHaveLength(2);
		expect(sentences[0]).toContain(`is ${managers}, which Kubernetes does not support with ${server}`);
	});
});
