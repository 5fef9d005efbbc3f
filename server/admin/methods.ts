import { AdminServiceService } from "../../protos/gen/prism/admin/v1/admin.ts";
import { ControlPlaneService } from "../../protos/gen/prism/control_plane.ts";

// The calls of the operator, of the two services that a proxy can implement.

export interface Method<Request, Response> {
	readonly name: MethodName;
	readonly definition: {
		readonly path: string;
		readonly requestSerialize: (request: Request) => Buffer;
		readonly responseDeserialize: (bytes: Buffer) => Response;
	};
	/** Whether a response is a rejection. */
	readonly refuses: (response: Response) => boolean;
}

export type MethodName = "ListNamespaces" | "GetMetrics" | "CreateNamespace" | "AssignNamespace" | "RevokeNamespace";

const reading = <Request, Response>(
	name: MethodName,
	definition: Method<Request, Response>["definition"],
): Method<Request, Response> => ({ name, definition, refuses: () => false });

const changing = <Request, Response extends { readonly success: boolean }>(
	name: MethodName,
	definition: Method<Request, Response>["definition"],
): Method<Request, Response> => ({ name, definition, refuses: ({ success }) => !success });

export const listNamespaces = reading("ListNamespaces", AdminServiceService.listNamespaces);
export const getMetrics = reading("GetMetrics", AdminServiceService.getMetrics);
export const createNamespace = changing("CreateNamespace", ControlPlaneService.createNamespace);
export const assignNamespace = changing("AssignNamespace", ControlPlaneService.assignNamespace);
export const revokeNamespace = changing("RevokeNamespace", ControlPlaneService.revokeNamespace);
