import { crc32 } from "node:zlib";
import type {
	CreateNamespaceRequest,
	NamespaceAssignment,
	NamespaceRevocation,
	NamespaceConfig as WireConfig,
} from "../../protos/gen/prism/control_plane.ts";
import type { AssignCall, CreateCall, NamespaceConfig, RevokeCall } from "../../schemas/admin.ts";

// Calls as protobuf messages.

/** Identifies the caller in the audit logs of proxies. */
export const OPERATOR = "prism-operator";
const PARTITIONS = 256;

export const partitionOf = (namespaceId: string): number => crc32(namespaceId) % PARTITIONS;

export const creation = ({ namespaceId, config, owner, version }: CreateCall): CreateNamespaceRequest => ({
	namespace: namespaceId,
	requestingProxy: OPERATOR,
	config: wireConfig(config),
	principal: OPERATOR,
	owner,
	version,
});

export const assignment = ({ namespaceId, config, owner, version }: AssignCall): NamespaceAssignment => ({
	namespace: namespaceId,
	partitionId: partitionOf(namespaceId),
	config: wireConfig(config),
	version,
	owner,
});

/** Without a timeout: the proxy's default applies to open sessions. */
export const revocation = ({ instance, proxyId, namespaceId, owner, version }: RevokeCall): NamespaceRevocation => ({
	proxyId: proxyId ?? instance.name,
	namespace: namespaceId,
	gracefulTimeoutSeconds: 0,
	owner,
	version,
});

const wireConfig = ({ backends = {}, patterns = {}, auth, metadata = {} }: NamespaceConfig): WireConfig => ({
	backends: mapped(backends, ({ backendType, connectionString = "", credentials = {}, options = {} }) => ({
		backendType,
		connectionString,
		credentials: { ...credentials },
		options: { ...options },
	})),
	patterns: mapped(patterns, ({ patternName, settings = {}, requiredInterfaces = [] }) => ({
		patternName,
		settings: { ...settings },
		requiredInterfaces: [...requiredInterfaces],
	})),
	auth: auth && { enabled: auth.enabled, provider: auth.provider, options: { ...auth.options } },
	metadata: { ...metadata },
});

const mapped = <From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> =>
	Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
