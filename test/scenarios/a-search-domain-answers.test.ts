import { createSocket } from "node:dgram";
import { promises, Resolver } from "node:dns";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { absoluteAddress } from "../../server/admin/names.ts";
import { about, adminOf, startProxy } from "../server/admin/fake-proxy.ts";

// A cluster's DNS, and a resolver that searches as that of a pod does: whoever has a namespace called svc owns the name that is asked
// for first, unless the name is absolute.

const SEARCH = ["prism-system.svc.cluster.local", "svc.cluster.local", "cluster.local"];
const NDOTS = 5;

const closing: (() => void)[] = [];
afterEach(() => {
	vi.restoreAllMocks();
	for (const close of closing.splice(0)) close();
});

/** The name in a question: labels, each behind its length. */
const questionOf = (query: Buffer): { readonly name: string; readonly end: number } => {
	const labels: string[] = [];
	let at = 12;
	for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
		labels.push(query.toString("latin1", at + 1, at + 1 + length));
		at += length + 1;
	}
	return { name: labels.join(".").toLowerCase(), end: at + 5 };
};

/** Answers these names with an address each, and any other with NXDOMAIN. */
const startDns = async (records: Readonly<Record<string, string>>) => {
	const asked: string[] = [];
	const socket = createSocket("udp4");
	socket.on("message", (query, { address, port }) => {
		const { name, end } = questionOf(query);
		asked.push(name);
		const found = records[name];
		const head = Buffer.from(query.subarray(0, 12));
		head.writeUInt16BE(found === undefined ? 0x8583 : 0x8580, 2);
		head.writeUInt16BE(found === undefined ? 0 : 1, 6);
		head.writeUInt32BE(0, 8);
		const [pointer, type, ttl, length] = [0xc0_0c, 0x00_01_00_01, 1, 4];
		const record = Buffer.alloc(12);
		record.writeUInt16BE(pointer, 0);
		record.writeUInt32BE(type, 2);
		record.writeUInt32BE(ttl, 6);
		record.writeUInt16BE(length, 10);
		const answer = found === undefined ? [] : [record, Buffer.from(found.split(".").map(Number))];
		socket.send(Buffer.concat([head, query.subarray(12, end), ...answer]), port, address);
	});
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	closing.push(() => socket.close());
	const resolver = new Resolver({ timeout: 5000, tries: 5 });
	resolver.setServers([`127.0.0.1:${socket.address().port}`]);
	const one = (name: string) =>
		new Promise<string | undefined>((resolve) => {
			resolver.resolve4(name, (error, addresses) => resolve(error === null ? addresses[0] : undefined));
		});
	/** As glibc and musl search: an absolute name is asked as it is, one with few dots along the list first. */
	const lookup = async (name: string) => {
		const along = name.endsWith(".") ? [] : SEARCH.map((domain) => `${name}.${domain}`);
		const isShort = name.split(".").length - 1 < NDOTS;
		for (const candidate of isShort ? [...along, name] : [name, ...along]) {
			const address = await one(candidate);
			if (address !== undefined) return address;
		}
		throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
	};
	return { asked, lookup };
};

test.each([
	["nobody but the Service itself is asked", "cluster.local", "127.0.0.1"],
	["without a domain, the namespace svc would be", undefined, "127.0.0.2"],
])("%s", async (_, domain, called) => {
	const proxy = await startProxy();
	const [host = ""] = proxy.instance.address.split(":");
	const address = `${host}:${proxy.port}`;
	// A pod of a Service <namespace> in the namespace svc: its name is the one that the search list makes of ours.
	const dns = await startDns({
		[`${host}.cluster.local`]: "127.0.0.1",
		[`${host}.svc.cluster.local`]: "127.0.0.2",
	});
	const reached: string[] = [];
	vi.spyOn(promises, "lookup").mockImplementation((async (name: string) => {
		reached.push(await dns.lookup(name));
		return [{ address: reached.at(-1), family: 4 }];
	}) as never);
	const resolve = (own: string) => absoluteAddress(own, domain);
	const instance = { ...proxy.instance, address };
	const [answer] = await adminOf([], { resolve }).ask([about({ instance })], 20_000);
	expect(new Set(reached)).toEqual(new Set([called]));
	const isOwn = called === "127.0.0.1";
	expect(answer?.answer.state === "known").toBe(isOwn);
	expect(dns.asked.some((name) => name.endsWith(".svc.svc.cluster.local"))).toBe(!isOwn);
	if (isOwn) expect(new Set(dns.asked)).toEqual(new Set([`${host}.cluster.local`]));
});
