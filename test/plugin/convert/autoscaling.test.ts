import { describe, expect, it } from "vitest";
import { autoscalingOf } from "../../../plugin/convert/autoscaling.ts";

const CPU = "targetCPUUtilizationPercentage";
const converted = (value: unknown) => {
	const steps = autoscalingOf(value, ["autoscaling"]);
	const fields: string[] = [];
	for (;;) {
		const next = steps.next();
		if (next.done === true) return { value: next.value, fields };
		fields.push(next.value.at.slice(1).join("."));
	}
};

describe("autoscaling", () => {
	it.each<[unknown, unknown, string[]]>([
		["text", "text", []],
		[{ maxReplicas: 3 }, { enabled: false, maxReplicas: 3 }, ["enabled"]],
		[{ enabled: false }, { enabled: false }, []],
		[{ enabled: true }, { enabled: true, [CPU]: 80 }, [CPU]],
		[{ enabled: true, [CPU]: 50 }, { enabled: true, [CPU]: 50 }, []],
		[
			{ enabled: true, targetMemoryUtilizationPercentage: 50 },
			{ enabled: true, targetMemoryUtilizationPercentage: 50 },
			[],
		],
		[{ enabled: true, metrics: [{}] }, { enabled: true, metrics: [{}] }, []],
		[{ enabled: true, metrics: [] }, { enabled: true, metrics: [], [CPU]: 80 }, [CPU]],
		[{ enabled: true, scaler: "keda" }, { enabled: true, scaler: "keda", pollingInterval: 10 }, ["pollingInterval"]],
		[{ enabled: true, scaler: "keda", pollingInterval: 5 }, { enabled: true, scaler: "keda", pollingInterval: 5 }, []],
		[
			{ enabled: false, triggers: [{ type: "a", authenticationRef: { name: "secret" } }] },
			{ enabled: false, triggers: [{ type: "a" }] },
			["triggers.0.authenticationRef"],
		],
	])("%j becomes %j", (value, expected, fields) => expect(converted(value)).toEqual({ value: expected, fields }));
});
