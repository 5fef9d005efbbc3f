import { expect, it } from "vitest";
import { afterLeaving, atOnce, ofProxy } from "../../kube/pod-termination.ts";

const waiting = (graceSeconds: number) => ({ preStopSeconds: 5, graceSeconds });

it.each([
	[30, {}, waiting(35)],
	[30, { sleepAction: true }, waiting(35)],
	[30, { sleepAction: false }, atOnce(30)],
	[0, {}, atOnce(0)],
])("a pod with %i s behind a Service, with %j", (seconds, installation, termination) => {
	expect(afterLeaving(seconds, installation)).toEqual(termination);
});

it.each([
	{ reason: "a new one", seconds: 30, isOld: false, sleepAction: true, is: waiting(35) },
	{ reason: "an old one waits within its grace period", seconds: 30, isOld: true, sleepAction: true, is: waiting(30) },
	{ reason: "an old one that has no more than the wait", seconds: 5, isOld: true, sleepAction: true, is: atOnce(5) },
	{ reason: "an old one, of an old Kubernetes", seconds: 30, isOld: true, sleepAction: false, is: atOnce(30) },
])("a proxy: $reason", ({ seconds, isOld, sleepAction, is }) => {
	expect(ofProxy(seconds, { sleepAction }, isOld)).toEqual(is);
});
