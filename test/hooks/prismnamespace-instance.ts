import { type InstanceQuery, type Told, toldBy, type Wanted } from "../../hooks/prismnamespace/context.ts";
import type { AdminCall, CallOutcome, NamespaceAnswer, NamespaceRecord } from "../../schemas/admin.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";

// One instance of one place, its records and its answers.

export const SINCE = "2026-01-01T00:00:00Z";
export const NOW = "2026-01-01T00:01:00Z";

export const WANTED: Wanted = {
	namespaceId: "acme",
	owner: "test/team/acme",
	version: 10,
	digest: "wanted",
	pushedAt: undefined,
	unreadySince: undefined,
	assignedProxy: undefined,
	config: { metadata: {} },
};
export const OURS: NamespaceRecord = { digest: "wanted", version: 10, owner: WANTED.owner, status: "Active" };
export const OTHER: NamespaceRecord = { ...OURS, digest: "other" };
export const THEIRS: NamespaceRecord = { ...OURS, digest: "theirs", owner: "test/team/else" };
export const NEWER: NamespaceRecord = { ...OTHER, version: 11 };

export const place = (change: Partial<Placement> = {}): Placement => ({
	roster: "prism-a",
	namespace: "team",
	state: "Active",
	since: SINCE,
	port: 8981,
	controlPlane: false,
	instances: [{ name: "a-0" }, { name: "a-1", host: "ip-1" }],
	...change,
});

export const ADDRESS = "a-0.prism-a-headless.team.svc:8981";
export const instance = { name: "a-0", namespace: "team", address: ADDRESS };
export const query = (
	known: Partial<PlacedInstance> = {},
	change: Partial<Placement> = {},
	after?: string,
	claim: InstanceQuery["claim"] = "held",
): InstanceQuery => ({
	place: place(change),
	claim,
	known: { name: "a-0", ...known },
	instance,
	question: { about: "namespace", instance, namespaceId: "acme", ...(after !== undefined && { after }) },
});

export const known = (record?: NamespaceRecord, readAt = NOW): NamespaceAnswer => ({ state: "known", readAt, record });
export const unknown: NamespaceAnswer = { state: "unknown", failure: "NotReady" };
export const unverifiable: NamespaceAnswer = { state: "unverifiable" };

export const told = (answer: NamespaceAnswer | undefined, call?: Partial<AdminCall>, outcome?: CallOutcome): Told =>
	toldBy({
		answers: answer === undefined ? [] : [{ question: query().question, answer }],
		...(outcome !== undefined && {
			results: [{ call: { verb: "assign", instance, ...WANTED, ...call }, outcome }],
		}),
	});
