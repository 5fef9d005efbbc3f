import type { Static } from "@sinclair/typebox";
import { type Seen, seenOf } from "../kube/partial-object.ts";
import { BackendConfig } from "../schemas/backendconfig.ts";
import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import { PatternRunner } from "../schemas/patternrunner.ts";
import { PrismNamespace } from "../schemas/prismnamespace.ts";
import { PrismPlugin } from "../schemas/prismplugin.ts";
import { PrismRoster } from "../schemas/prismroster.ts";
import { PrismShard } from "../schemas/prismshard.ts";
import { PrismStack } from "../schemas/prismstack.ts";
import type { RecordedCall } from "../schemas/recorded-call.ts";

// Details of each kind in the overview: fields of spec and status, and the instances of the roster. Lists and texts are cut, because
// users write them.

const LONGEST = 600;
export const MOST = 100;

export const shortened = (plain: string): string =>
	plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`;

/** Copies the fields, recursively. */
const cut = (value: unknown): unknown => {
	if (typeof value === "string") return shortened(value);
	if (Array.isArray(value)) return value.slice(0, MOST).map(cut);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cut(field)]));
};

const picked = <Whole extends object, Field extends keyof Whole>(whole: Whole, fields: readonly Field[]) =>
	// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is cut has the same fields
	cut(Object.fromEntries(fields.map((field) => [field, whole[field]]))) as Pick<Whole, Field>;

const isRoster = ({ kind }: KubeObject): boolean => kind === PrismRoster.kind;

/** The instances, from the roster in the response, or the observed one. */
const instancesOf = ({ response, observed }: RecordedCall) => {
	const roster = response?.children.find(isRoster) ?? observed.find(isRoster);
	const { instances = [] } = roster ? seenOf(PrismRoster, roster).spec : {};
	return instances.slice(0, MOST).map(({ name = "", ready }) => ({ name: shortened(name), ready: ready === true }));
};

/** Selects these fields of a kind. */
const showing =
	<
		Kind extends KindDescriptor,
		SpecField extends keyof Static<Kind["spec"]>,
		StatusField extends keyof Static<Kind["status"]>,
	>(
		kind: Kind,
		specFields: readonly SpecField[],
		statusFields: readonly StatusField[],
	) =>
	(object: KubeObject, call: RecordedCall) => {
		const { spec, status } = seenOf(kind, object);
		const of: Kind["kind"] = kind.kind;
		return {
			of,
			spec: picked<Seen<Static<Kind["spec"]>>, SpecField>(spec, specFields),
			status: picked<Seen<Static<Kind["status"]>>, StatusField>(status, statusFields),
			instances: instancesOf(call),
		};
	};

const BUILDERS = {
	PrismStack: showing(PrismStack, [], ["proxy", "admin", "patterns", "backends", "namespaces"]),
	PrismShard: showing(
		PrismShard,
		["backends", "capacity", "weight", "accepting", "draining"],
		["summary", "plugins", "namespaces", "aggregateMetrics"],
	),
	PrismPlugin: showing(PrismPlugin, ["version"], ["lastGoodVersion", "rollout", "shardStates", "remote", "history"]),
	PrismNamespace: showing(PrismNamespace, ["namespaceId"], ["namespaceId", "placements", "expiresAt"]),
	PatternRunner: showing(PatternRunner, ["pattern", "backend", "backendConfig"], []),
	BackendConfig: showing(BackendConfig, ["provider"], ["binding"]),
};

type DetailsOf<Kind extends keyof typeof BUILDERS> = ReturnType<(typeof BUILDERS)[Kind]>;
export type StackDetails = DetailsOf<"PrismStack">;
export type ShardDetails = DetailsOf<"PrismShard">;
export type PluginDetails = DetailsOf<"PrismPlugin">;
export type NamespaceDetails = DetailsOf<"PrismNamespace">;
export type Part = NonNullable<StackDetails["status"]["patterns"]>[number];
export type SeenPlace = NonNullable<NamespaceDetails["status"]["placements"]>[number];

export type ObjectDetails = DetailsOf<keyof typeof BUILDERS> | { readonly of: "Other" };

const isKnown = (kind: string): kind is keyof typeof BUILDERS => Object.hasOwn(BUILDERS, kind);

export const detailsOf = (object: KubeObject, call: RecordedCall): ObjectDetails =>
	isKnown(object.kind) ? BUILDERS[object.kind](object, call) : { of: "Other" };
