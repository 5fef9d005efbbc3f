import type { NamespaceWorld } from "./namespace-world.ts";
import { type NamespaceSituation, unseen } from "./prismnamespace-situation.ts";

// Situations of a namespace whose control plane has the manners of the one that exists.

const settledUnseen = (...given: Parameters<typeof unseen>): NamespaceWorld => {
	const world = unseen(...given);
	world.settle();
	return world;
};

export const UNSEEN_SITUATIONS: readonly NamespaceSituation[] = [
	{
		title: "accepted by a control plane that can't be read back",
		world: () => settledUnseen(),
		condition: {
			status: "True",
			reason: "Unverified",
		},
		phase: "Active",
	},
	{
		title: "provisioned, as far as anybody knows",
		world: () => settledUnseen(),
		condition: {
			type: "Provisioned",
			status: "Unknown",
			reason: "Unverified",
		},
		phase: "Active",
	},
	{
		title: "with limits, as far as anybody knows",
		world: () => settledUnseen({ quotas: { maxKeys: 10 } }),
		condition: {
			type: "QuotasEnforced",
			status: "Unknown",
			reason: "Unverified",
		},
		phase: "Active",
	},
	{
		title: "a control plane that knows no proxy",
		world: () => {
			const world = unseen({}, { proxies: 0 });
			for (const second of [1, 1, 1, 1]) {
				world.sync();
				world.pass(second);
			}
			return world;
		},
		condition: {
			status: "False",
			reason: "Progressing",
		},
		phase: "Provisioning",
	},
	{
		title: "a control plane without a leader",
		world: () => {
			const world = unseen({}, { leaderless: true });
			for (const second of [1, 1, 1, 1]) {
				world.sync();
				world.pass(second);
			}
			return world;
		},
		condition: {
			status: "False",
			reason: "InstancesUnreachable",
		},
		phase: "Provisioning",
	},
	{
		title: "an edit that a control plane without a leader does not take",
		world: () => {
			const world = settledUnseen();
			world.admin.trouble = { kind: "prismAdmin", leaderless: true };
			world.edit({ proxyRef: { name: "dev-proxy", namespace: "team" }, quotas: { maxKeys: 11 } });
			for (const second of [1, 1, 1, 30]) {
				world.sync();
				world.pass(second);
			}
			return world;
		},
		condition: {
			status: "False",
			reason: "InstancesUnreachable",
		},
		phase: "Degraded",
	},
	{
		title: "waiting for its claim",
		world: () => {
			const world = unseen();
			for (const second of [1, 9]) {
				world.sync();
				world.pass(second);
			}
			return world;
		},
		condition: {
			status: "False",
			reason: "Progressing",
		},
		phase: "Provisioning",
	},
	{
		title: "an identifier that another object claims",
		world: () => {
			const world = unseen({ namespaceId: "acme" });
			world.isTaken = () => true;
			for (const second of [1, 10, 1]) {
				world.sync();
				world.pass(second);
			}
			return world;
		},
		condition: {
			status: "False",
			reason: "NamespaceIdTaken",
		},
		phase: "Failed",
	},
	{
		title: "of another Kubernetes namespace than a control plane that can't be read back",
		world: () => settledUnseen({}, {}, { metadata: { namespace: "theirs" }, allowed: { from: "All" } }),
		condition: {
			status: "False",
			reason: "NotAccepting",
		},
		phase: "Failed",
	},
	{
		title: "deleted, and kept by a control plane that can't revoke",
		world: () => {
			const world = settledUnseen();
			world.delete();
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "Revoking",
		},
		phase: "Terminating",
	},
	{
		title: "moved away from a control plane that can't revoke",
		world: () => {
			const world = settledUnseen();
			world.edit({ backend: "postgres", pattern: "keyvalue" });
			world.relate({ name: "prism-playback" });
			for (const second of [1, 1, 1, 1]) {
				world.sync();
				world.pass(second);
			}
			return world;
		},
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
		},
		phase: "Active",
	},
];
