import type { KindDescriptor } from "../schemas/common.ts";
import type { Context } from "../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	CustomizeRequest,
	CustomizeResponse,
} from "../schemas/metacontroller.ts";

/** A child kind of a controller. Every one is updated `InPlace`: the default, `OnDelete`, never updates a child. */
export interface ChildKind {
	readonly apiVersion: string;
	readonly resource: string;
	readonly kind: string;
	/** Declared only where the installation switches this feature on: watching the kind has a price, or needs its CRD. */
	readonly onlyWith?: Feature;
}

/** Switches of an installation that decide which kinds of children its controllers have. */
export type Feature = "inlineCredentials" | "keda" | "serviceMonitors";

/** Which of them are on; one that is not named is off. */
export type Features = Readonly<Partial<Record<Feature, boolean>>>;

/** Child kinds of a row under an installation. */
export const childKindsOf = (row: Row, features: Features): ChildKind[] =>
	row.children.filter(({ onlyWith }) => onlyWith === undefined || features[onlyWith] === true);

/**
 * One row of the registry: a CompositeController. The server makes a route of each hook, the generator a controller
 * object, the CLI finds a manifest's hook by the parent's kind.
 */
export interface CompositeRow {
	readonly type: "composite";
	/** Name of the controller object and first segment of its hooks' paths. */
	readonly name: string;
	readonly parent: KindDescriptor;
	readonly children: readonly ChildKind[];
	readonly sync: (request: CompositeRequest, context: Context) => CompositeResponse;
	readonly finalize?: (request: CompositeRequest, context: Context) => CompositeResponse;
	/** May depend on the parent's spec, name and namespace only: Metacontroller caches the answer by generation. */
	readonly customize?: (request: CustomizeRequest) => CustomizeResponse;
}

export type Row = CompositeRow;

export type HookName = "sync" | "finalize" | "customize";

/** Path of a hook below the server's root: /<controller>/<hook>. */
export const hookPath = (row: Pick<Row, "name">, hook: HookName): string => `/${row.name}/${hook}`;

/** The hooks that a row has, in the order in which they are written everywhere. */
export const hooksOf = (row: Row): HookName[] =>
	(["sync", "finalize", "customize"] as const).filter((hook) => row[hook] !== undefined);
