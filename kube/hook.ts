import { type AdminCall, type Answer, NOTHING_ASKED, type Outside, type Question } from "../schemas/admin.ts";
import type { KindDescriptor } from "../schemas/common.ts";
import type { Context, Installation } from "../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	CustomizeRequest,
	CustomizeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../schemas/metacontroller.ts";
import type { Found } from "./conditions.ts";

/** A child kind of a controller. Every one is updated `InPlace`: the default, `OnDelete`, never updates a child. */
export interface ChildKind {
	readonly apiVersion: string;
	readonly resource: string;
	readonly kind: string;
	/** Declared only if the installation enables this feature: watching the kind has a cost, or needs its CRD. */
	readonly onlyWith?: Feature;
}

/** Features of an installation that decide which child kinds its controllers have. */
export type Feature = "inlineCredentials" | "keda" | "serviceMonitors";

/** Enabled features; missing ones are disabled. */
export type Features = Readonly<Partial<Record<Feature, boolean>>>;

/** Child kinds of a row under an installation. */
export const childKindsOf = (row: Row, features: Features): ChildKind[] =>
	row.children.filter(({ onlyWith }) => onlyWith === undefined || features[onlyWith] === true);

/**
 * One call of a hook that calls proxies: the shared data is computed once from the request, and its stages use it. Pure, and garbage
 * after the call. Between the stages, the server reads the answers and makes the calls.
 */
export interface Prepared<Response> {
	readonly questions: readonly Question[];
	/** Absent: it only reads. */
	readonly decide?: (answers: readonly Answer[]) => readonly AdminCall[];
	readonly sync: (outside: Outside) => Response;
	readonly finalize: (outside: Outside) => Response;
}

/** The setting of the installation on which customize depends. */
export type NameWatching = Pick<Installation, "watchChildNames">;

/** What all rows have in common. */
interface RowOf<Request, Response> {
	/** Name of the controller object and first segment of its hooks' paths. */
	readonly name: string;
	readonly parent: KindDescriptor;
	/** Kinds that it creates: children of a composite controller, attachments of a decorator. */
	readonly children: readonly ChildKind[];
	/** Rows without it call no proxies. For sync and finalize: the request contains which one it is. */
	readonly prepare?: (request: Request, context: Context) => Prepared<Response>;
	/** How rows with `prepare` use proxies, for the object diagram. */
	readonly outside?: "asks" | "asks and tells";
	/** For rows with `prepare`: the last stage alone, for callers that have the answers already. */
	readonly sync: (request: Request, context: Context, outside?: Outside) => Response;
	readonly finalize?: (request: Request, context: Context, outside?: Outside) => Response;
	/** The findings of sync or finalize as data, for explanations that need more than the reason of a condition. */
	readonly found: (request: Request, context: Context, outside?: Outside) => Found;
	/**
	 * May depend on the parent's spec, name and namespace, and on whether it is being deleted: Metacontroller caches the response by
	 * generation.
	 */
	readonly customize?: (request: CustomizeRequest, installation?: NameWatching) => CustomizeResponse;
	/** Child kinds whose names are watched in every installation: others use such a child before it exists. */
	readonly namesUsedEarly?: readonly string[];
}

/** The hooks of a row with `prepare`. */
export const preparing = <Request, Response>(prepare: (request: Request, context: Context) => Prepared<Response>) => ({
	prepare,
	sync: (request: Request, context: Context, outside = NOTHING_ASKED): Response =>
		prepare(request, context).sync(outside),
	finalize: (request: Request, context: Context, outside = NOTHING_ASKED): Response =>
		prepare(request, context).finalize(outside),
});

/** A CompositeController: its parent owns the children, and its status is overwritten. */
export interface CompositeRow extends RowOf<CompositeRequest, CompositeResponse> {
	readonly type: "composite";
}

/** A DecoratorController: its status is written only if the object has not changed since (compare-and-swap). */
export interface DecoratorRow extends RowOf<DecoratorRequest, DecoratorResponse> {
	readonly type: "decorator";
}

/**
 * One row of the registry. The server creates a route for each hook, the generator a controller object, and the CLI finds the hook of
 * a manifest by the kind of the parent.
 */
export type Row = CompositeRow | DecoratorRow;

export const isComposite = (row: Row): row is CompositeRow => row.type === "composite";

export type HookName = "sync" | "finalize" | "customize";

/** Path of a hook below the server's root: /<controller>/<hook>. */
export const hookPath = (row: Pick<Row, "name">, hook: HookName): string => `/${row.name}/${hook}`;

/** The hooks that a row has, in the order in which they are written everywhere. */
export const hooksOf = (row: Row): HookName[] =>
	(["sync", "finalize", "customize"] as const).filter((hook) => row[hook] !== undefined);
