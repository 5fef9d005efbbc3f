import type { FindingOf, WarningOf } from "../findings/finding.ts";
import type { Excess, NamespaceFindings } from "../findings/prismnamespace.ts";
import { heldText, lackingText } from "./admin.ts";
import { listed } from "./words.ts";

// Messages about a tenant's namespace.

const DONE = {
	namespace: "The instances have the namespace",
	limits: "The limits are applied on the instances; none reports whether it enforces them",
} as const;

export const doneText = (what: keyof typeof DONE): string => DONE[what];

const ACCEPTED = { namespace: "The namespace was accepted", limits: "The limits were accepted" } as const;

export const unverifiedText = (what: keyof typeof ACCEPTED, unverifiable: readonly string[]): string =>
	`${ACCEPTED[what]}, and can't be verified: ${listed(unverifiable)} can't be read back`;

export const servedText = ({
	instances,
	place,
	unverifiable,
	movingTo,
	leaving,
}: NamespaceFindings["NamespaceReady"]): string =>
	[
		unverifiable.length === 0
			? `${instances} of ${instances} ready instances of ${place} have the namespace`
			: unverifiable.length === instances
				? `Accepted by ${listed(unverifiable)} of ${place}, and can't be verified`
				: `${instances} of ${instances} ready instances of ${place} have or accepted the namespace, and ${listed(unverifiable)} can't be verified`,
		...(movingTo === undefined ? [] : [`; the namespace is moving to ${movingTo}`]),
		...(leaving.length > 0 ? [`; being revoked from ${listed(leaving)}`] : []),
	].join("");

export const expiredText = ({ expiresAt, leaving }: FindingOf<"Expired">): string => {
	const done =
		leaving.length === 0 ? "the namespace was revoked" : `the namespace is being revoked from ${listed(leaving)}`;
	return `spec.ttl expired at ${expiresAt}: ${done}. Raise spec.ttl, or delete the object`;
};

export const tooManyPlacesText = (): string =>
	"The namespace has to be revoked from too many placements before it gets another one: make their instances reachable";

export const notAcceptingText = (finding: FindingOf<"NotAccepting">): string => {
	switch (finding.about) {
		case "places":
			return tooManyPlacesText();
		case "shards":
			return "Every shard that matches is full, draining, of weight 0, or set to accept no new namespaces: add one, or widen spec.shard";
		case "unverified":
			return `Only PrismNamespaces of namespace ${finding.namespace} are accepted by ${finding.place}: its namespaces can't be verified, and its allowedNamespaces.unverified is not true`;
		case "proxies":
			return `The proxies ${finding.proxies} accept no new namespaces`;
		default:
			return finding satisfies never;
	}
};

export const notPermittedText = (finding: FindingOf<"NotPermitted">): string => {
	const { place, namespace, kind, excesses, isThere } = finding;
	const owner = kind === "PrismShard" ? `PrismShard ${place}` : `The PrismStack of ${place}`;
	const stays = isThere ? "; what is provisioned there stays as it is" : "";
	return `${owner} in namespace ${namespace} does not allow these values in other namespaces: ${listed(excesses.map(excessText))}${stays}`;
};

export const excessText = (excess: Excess): string => {
	if (excess.about === "settings") return `spec.backendConfig (${listed(excess.keys.toSorted())})`;
	const { field, value, ceiling } = excess;
	return `${field} ${value === undefined ? "without a value" : String(value)} (${value === 0 ? "1 to" : "at most"} ${ceiling})`;
};

export const noMatchingProxyText = ({ proxies, namespace, home }: FindingOf<"NoMatchingProxy">): string =>
	`spec.proxyRef names ${proxies} in namespace ${namespace}: there are no such proxies, or their PrismStack does not allow namespace ${home}`;

export const noMatchingShardText = ({ namespace, home, backend, selector }: FindingOf<"NoMatchingShard">): string => {
	const wanted = Object.entries(selector).map(([field, value]) => `${field}=${value}`);
	return `No PrismShard in namespace ${namespace} serves backend ${backend}${wanted.length > 0 ? ` with ${wanted.toSorted().join(", ")}` : ""} and allows namespace ${home}`;
};

export const idTakenText = ({ instances, namespaceId, claim }: FindingOf<"NamespaceIdTaken">): string =>
	`Identifier "${namespaceId}" is in use on ${listed(instances)}${claim === undefined ? " by another owner, or was created by hand" : ` by the PrismNamespace that owns ConfigMap ${claim}`}`;

type Lacking = NamespaceFindings["ProvisioningRefused"]["instances"];

const reportsText = ({ instances }: { readonly instances: Lacking }): string => listed(instances.map(lackingText));

export const rejectedText = (finding: FindingOf<"ProvisioningRefused">): string =>
	`Rejected by instances: ${reportsText(finding)}`;

export const unreachableText = (finding: NamespaceFindings["InstancesUnreachable"]): string =>
	`Instances ${finding.instances.some(({ cause }) => cause === "Unavailable") ? "unavailable" : "unreachable"}: ${reportsText(finding)}`;

export const noneReadyText = ({ place }: FindingOf<"InstancesNotReady">): string => `No instance of ${place} is ready`;

const haveText = ({ has, of }: { readonly has: number; readonly of: number }): string =>
	`${has} of ${of} instances have the namespace`;

export const partlyText = (finding: FindingOf<"PartiallyProvisioned">): string =>
	`${haveText(finding)}; ${reportsText(finding)}`;

export const provisioningText = (finding: NamespaceFindings["Progressing"]): string => {
	const why = finding.instances.length > 0 ? `; ${reportsText(finding)}` : "";
	return `Being ${finding.isUpdate ? "updated" : "provisioned"} on ${finding.place}: ${haveText(finding)}${why}`;
};

export const revokingText = ({ instances }: FindingOf<"Revoking">): string => {
	const kept = instances.filter(({ cause }) => typeof cause === "object" && "kept" in cause);
	const held = instances.filter((instance) => !kept.includes(instance));
	const parts = [
		...(held.length === 0 ? [] : [`Not yet revoked from ${listed(held.map(heldText))}`]),
		...(kept.length === 0
			? []
			: [`The record stays on ${listed(kept.map(heldText))}, and the object is deleted anyway`]),
	];
	return parts.join("; ");
};

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const reservationText = ({ instance, words }: WarningOf<"Reservation">): string =>
	`Instance ${instance} accepted the namespace, and reports: ${words}`;

export const recordKeptText = ({ instance, words }: WarningOf<"RecordKept">): string =>
	`The record stays on ${instance}, which reports: ${words}`;

export const notRevokedText = ({ place }: WarningOf<"NotRevoked">): string =>
	`The namespace may remain on ${place}: not all of its instances can be reached`;

export const cannotMoveText = ({ to }: WarningOf<"CannotMove">, because: string): string =>
	`The namespace can't move to ${to}: ${because}`;

export const onlyDrainingText = ({ place }: WarningOf<"OnlyDraining">): string =>
	`PrismShard ${place} is draining, and no other shard matches: the namespace stays where it is`;

export const noOtherPlaceText = ({ places }: WarningOf<"NoOtherPlace">): string =>
	`The namespace stays on ${listed(places)} until there is another place`;

export const tooManyShardsText = ({ shards, most }: WarningOf<"TooManyShards">): string =>
	`spec.shard matches ${shards} shards, more than the ${most} that a selector should: name product, feature or slaTier`;
