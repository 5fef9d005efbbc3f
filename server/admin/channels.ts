import { type ChannelCredentials, type ChannelOptions, Client } from "@grpc/grpc-js";
import { systemTime } from "../time.ts";
import { AdminError } from "./failures.ts";

// Channels to proxies: one per address, opened by the first call and closed when idle.

export interface Channels {
	/** Throws an `AdminError` if no channel is possible. */
	readonly use: <Value>(address: string, work: (client: Client) => Promise<Value>) => Promise<Value>;
	/** Makes the next call open another channel: the proxy can have moved, behind a connection that hangs. */
	readonly renew: (address: string) => void;
	readonly renewAll: () => void;
	readonly closeIdle: () => void;
}

export interface ChannelsOptions {
	readonly credentials: () => ChannelCredentials;
	/** The address to connect to, if it differs from the name. */
	readonly resolve: (address: string) => string | undefined;
	readonly atMost: number;
	readonly idleMs: number;
	/** Called when the number of channels changes. */
	readonly counted: (change: 1 | -1) => void;
}

interface Channel {
	readonly client: Client;
	readonly target: string;
	users: number;
	used: number;
}

/** An absolute or relative host name, or an IP address, and a port; nothing that gRPC could parse as another scheme. */
const ADDRESS = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;
const MIB = 1024 * 1024;

const OPTIONS: ChannelOptions = {
	"grpc.keepalive_time_ms": 30_000,
	"grpc.keepalive_timeout_ms": 5000,
	"grpc.keepalive_permit_without_calls": 0,
	// A proxy that returns is reached within seconds; gRPC's own maximum backoff is two minutes.
	"grpc.initial_reconnect_backoff_ms": 250,
	"grpc.max_reconnect_backoff_ms": 5000,
	"grpc.dns_min_time_between_resolutions_ms": 2000,
	"grpc.max_receive_message_length": 32 * MIB,
	"grpc.max_send_message_length": 4 * MIB,
	// No retries: CreateNamespace is not idempotent. gRPC still repeats calls that were certainly not sent.
	"grpc.enable_retries": 0,
	// Neither DNS records nor environment variables may configure calls.
	"grpc.service_config_disable_resolution": 1,
	"grpc.enable_http_proxy": 0,
	// Disables gRPC's own channel records (channelz), which are not used.
	"grpc.enable_channelz": 0,
	// A separate pool: closing the channel closes its connection.
	"grpc.use_local_subchannel_pool": 1,
};

export function createChannels({ credentials, resolve, atMost, idleMs, counted }: ChannelsOptions): Channels {
	/** In the order of their last use. */
	const channels = new Map<string, Channel>();

	const open = (address: string, target: string): Channel => {
		const host = address.slice(0, address.lastIndexOf(":"));
		const client = new Client(target, credentials(), {
			...OPTIONS,
			...(target !== address && { "grpc.default_authority": address, "grpc.ssl_target_name_override": host }),
		});
		counted(1);
		return { client, target, users: 0, used: 0 };
	};
	/** Calls in progress complete. */
	const close = (address: string, { client }: Channel) => {
		channels.delete(address);
		client.close();
		counted(-1);
	};
	const makeRoom = () => {
		if (channels.size < atMost) return;
		const idle = [...channels].find(([, { users }]) => users === 0);
		if (idle === undefined) throw new AdminError("Overloaded");
		close(...idle);
	};
	const channelOf = (address: string): Channel => {
		const target = resolve(address) ?? address;
		if (!ADDRESS.test(address) || !ADDRESS.test(target)) throw new AdminError("Unreachable");
		const known = channels.get(address);
		if (known !== undefined && known.target !== target) close(address, known);
		if (!channels.has(address)) makeRoom();
		const channel = channels.get(address) ?? open(address, target);
		channels.delete(address);
		channels.set(address, channel);
		return channel;
	};
	const renew = (address: string) => {
		const channel = channels.get(address);
		if (channel !== undefined) close(address, channel);
	};
	return {
		use: async (address, work) => {
			const channel = channelOf(address);
			channel.users++;
			try {
				return await work(channel.client);
			} finally {
				channel.users--;
				channel.used = systemTime.monotonic();
			}
		},
		renew,
		renewAll: () => {
			for (const address of channels.keys()) renew(address);
		},
		closeIdle: () => {
			const limit = systemTime.monotonic() - idleMs;
			for (const [address, channel] of channels) {
				if (channel.users === 0 && channel.used < limit) close(address, channel);
			}
		},
	};
}
