import fc from "fast-check";
import { expect, it } from "vitest";
import { patternRunner } from "../../../hooks/patternrunner/index.ts";
import { isComposite } from "../../../kube/hook.ts";
import { recordsAt } from "../../../kube/object.ts";
import { printable } from "../../../schemas/messages/printable.ts";
import { installation, NOW } from "../../server/toy.ts";

// What a tenant writes reaches a condition, and `kubectl get` prints that into an administrator's terminal.

const CLEAR = "\u001b[2J\u001b]0;owned\u0007\u202e\u009b31m";

it("shows what a terminal would act on", () => {
	expect(printable("a\u001b[2Jb\u202ec\r\n\td\u2028é👍")).toBe("a\\u{1b}[2Jb\\u{202e}c   d é👍");
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (text) => {
			expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
			expect(printable(printable(text))).toBe(printable(text));
		}),
	);
});

it.each([
	["a key of config", { config: { [`x${CLEAR}`]: { password: "x" } } }],
	["a namespace", { backendConfig: { name: "a", namespace: `b${CLEAR}` } }],
])("no condition has it: %s", (_what, fields) => {
	if (!isComposite(patternRunner)) throw new Error("not a composite");
	const parent = {
		apiVersion: "prism.io/v1alpha1",
		kind: "PatternRunner",
		metadata: { name: "kv", namespace: "team-a", uid: "u", generation: 1, creationTimestamp: NOW },
		spec: { pattern: "keyvalue", backend: "memstore", ...fields },
	};
	const request = { controller: {}, parent, children: {}, related: {}, finalizing: false };
	const { status } = patternRunner.sync(request, { now: NOW, installation });
	const messages = recordsAt(status, "conditions").map(({ message }) => String(message));
	// A value that the schema refuses is shown as JSON has it.
	expect(messages[0]).toMatch(/\\u(?:\{1b\}|001b)/);
	for (const message of messages) expect(message).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
});
