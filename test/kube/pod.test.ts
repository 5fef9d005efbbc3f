import fc from "fast-check";
import { expect, it } from "vitest";
import { type ContainerPlan, type NamedPort, podTemplate } from "../../kube/pod.ts";
import type { Probe } from "../../schemas/pods.ts";

const PROBE: Probe = { type: "tcp", periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };

const containerOf = (own: Partial<ContainerPlan>) => {
	const template = podTemplate({
		container: { name: "proxy", image: "proxy:1", args: [], env: [], ports: [], probe: PROBE, mounts: [], ...own },
		labels: {},
		annotations: {},
		selector: {},
		placement: {},
		security: { runAsNonRoot: true, readOnlyRootFilesystem: true },
		terminationGracePeriodSeconds: 30,
		spread: false,
		byDefault: undefined,
	});
	const [container] = template.spec?.containers ?? [];
	return container;
};

const probed = (ports: readonly NamedPort[], probe: Probe) => {
	const container = containerOf({ ports, probe });
	return { readiness: container?.readinessProbe, liveness: container?.livenessProbe };
};

it("checks the port that the probe names, or else the first", () => {
	const ports = [
		{ name: "grpc", port: 8980 },
		{ name: "admin", port: 8981 },
	];
	expect(probed(ports, PROBE).readiness?.tcpSocket?.port).toBe(8980);
	expect(probed(ports, { ...PROBE, port: 8981 }).liveness?.tcpSocket?.port).toBe(8981);
});

it("does not check a container that has no port", () => {
	expect(probed([], PROBE)).toEqual({ readiness: undefined, liveness: undefined });
});

/** As k8s.io/kubernetes/third_party/forked/golang/expansion has it. */
const expanded = (text: string): string => {
	let result = "";
	for (let index = 0; index < text.length; index += 1) {
		const end = text.indexOf(")", index + 2);
		if (text[index] !== "$") result += text[index];
		else if (text[index + 1] === "$") {
			result += "$";
			index += 1;
		} else if (text[index + 1] === "(" && end >= 0) {
			result += "hunter2";
			index = end;
		} else result += "$";
	}
	return result;
};

it("takes values and arguments as they are: the kubelet puts no variable into them", () => {
	const texts = fc.array(fc.constantFrom("$", "(", ")", "A", "/"), { maxLength: 12 }).map((signs) => signs.join(""));
	fc.assert(
		fc.property(texts, (text) => {
			const container = containerOf({ args: [text], env: [{ name: "A", value: text }] });
			expect([container?.args?.[0], container?.env?.[0]?.value].map((each) => expanded(String(each)))).toEqual([
				text,
				text,
			]);
		}),
		{ examples: [["$(A)"], ["$$(A)"], ["$$$(A)$"]], numRuns: 500 },
	);
	expect(expanded("$(A)")).toBe("hunter2");
});

it("leaves a value that the kubelet leaves alone: another template replaces pods", () => {
	expect(containerOf({ env: [{ name: "A", value: "a$b$/c$" }] })?.env?.[0]?.value).toBe("a$b$/c$");
});
