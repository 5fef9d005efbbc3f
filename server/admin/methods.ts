import {
	AdminServiceService,
	type GetMetricsRequest,
	type GetMetricsResponse,
	type ListNamespacesRequest,
	type ListNamespacesResponse,
} from "../../protos/gen/prism/admin/v1/admin.ts";
import {
	ControlPlaneService,
	type CreateNamespaceRequest,
	type CreateNamespaceResponse,
	type NamespaceAssignment,
	type NamespaceAssignmentAck,
	type NamespaceRevocation,
	type NamespaceRevocationAck,
} from "../../protos/gen/prism/control_plane.ts";

// The calls that the operator makes, of the two services that a proxy may offer.

export interface Method<Request, Response> {
	readonly name: MethodName;
	readonly definition: {
		readonly path: string;
		readonly requestSerialize: (request: Request) => Buffer;
		readonly responseDeserialize: (bytes: Buffer) => Response;
	};
	/** Whether an answer says no. */
	readonly refuses: (response: Response) => boolean;
}

export type MethodName = "ListNamespaces" | "GetMetrics" | "CreateNamespace" | "AssignNamespace" | "RevokeNamespace";

const never = () => false;
const unsuccessful = ({ success }: { readonly success: boolean }) => !success;

export const listNamespaces: Method<ListNamespacesRequest, ListNamespacesResponse> = {
	name: "ListNamespaces",
	definition: AdminServiceService.listNamespaces,
	refuses: never,
};

export const getMetrics: Method<GetMetricsRequest, GetMetricsResponse> = {
	name: "GetMetrics",
	definition: AdminServiceService.getMetrics,
	refuses: never,
};

export const createNamespace: Method<CreateNamespaceRequest, CreateNamespaceResponse> = {
	name: "CreateNamespace",
	definition: ControlPlaneService.createNamespace,
	refuses: unsuccessful,
};

export const assignNamespace: Method<NamespaceAssignment, NamespaceAssignmentAck> = {
	name: "AssignNamespace",
	definition: ControlPlaneService.assignNamespace,
	refuses: unsuccessful,
};

export const revokeNamespace: Method<NamespaceRevocation, NamespaceRevocationAck> = {
	name: "RevokeNamespace",
	definition: ControlPlaneService.revokeNamespace,
	refuses: unsuccessful,
};
