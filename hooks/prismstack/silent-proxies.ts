import { valueAt } from "../../kube/object.ts";
import { isLongSilent } from "../../kube/roster.ts";
import { type Answer, isAboutNamespace } from "../../schemas/admin.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { Seen } from "./plan.ts";

/** Since when an instance that is asked has been silent, as status stores it. */
export const silentSince = ({ request, now, answers }: Seen): string | undefined =>
	answers.some(isSilence) ? (lastSilence(request) ?? now) : undefined;

const lastSilence = ({ parent }: CompositeRequest): string | undefined => {
	const since = valueAt(parent["status"], "doubtfulSince");
	return typeof since === "string" ? since : undefined;
};

const isSilence = (reply: Answer): boolean => reply.answer.state === "unknown";

/** undefined: it was not asked. */
export const isReportedSilent = ({ request, now, answers }: Seen, name: string): boolean | undefined => {
	const reply = answers.find((each) => !isAboutNamespace(each) && each.question.instance.name === name);
	return reply && isSilence(reply) && isLongSilent(lastSilence(request), now);
};
