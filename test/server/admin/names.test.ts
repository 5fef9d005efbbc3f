import { promises } from "node:dns";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { absoluteAddress, clusterDomain, searchedDomain } from "../../../server/admin/names.ts";
import { about, adminOf, startProxy } from "./fake-proxy.ts";

// Names of proxies, as they are looked up: in the cluster's domain, and nowhere else.

afterEach(() => vi.restoreAllMocks());

describe("the cluster's domain", () => {
	const POD =
		"nameserver 10.96.0.10\nsearch prism-system.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";

	test.each([
		["a pod's", POD, "cluster.local"],
		[
			"of another cluster",
			"search x.svc.k8s.example.com svc.k8s.example.com k8s.example.com corp\n",
			"k8s.example.com",
		],
		["in capitals, with dots and tabs behind", "search\tx.SVC.Cluster.Local.\tsvc.Cluster.Local.", "cluster.local"],
		["the last list counts", "search svc.old\nsearch a.svc.new svc.new\n", "new"],
		["a machine's", "nameserver 1.1.1.1\nsearch corp.example\n", undefined],
		[
			"a namespace called svc is no domain",
			"search svc.svc.cluster.local svc.cluster.local cluster.local",
			"svc.cluster.local",
		],
		["a comment", "# search svc.evil\n", undefined],
		["nothing", "", undefined],
	])("is what the pod searches: %s", (_, text, domain) => {
		expect(searchedDomain(text)).toBe(domain);
	});

	test("is the pod's own unless it is set; without any, names stay as they are", async () => {
		const file = join(mkdtempSync(join(tmpdir(), "prism-resolv-")), "resolv.conf");
		writeFileSync(file, POD);
		expect(await clusterDomain("auto", file)).toBe("cluster.local");
		expect(await clusterDomain("k8s.example", file)).toBe("k8s.example");
		expect(await clusterDomain("auto", `${file}.missing`)).toBeUndefined();
		expect(absoluteAddress("a-0.a.shop.svc:8981", undefined)).toBeUndefined();
	});
});

describe("an address of a Service", () => {
	test.each([
		["a-0.a.shop.svc:8981", "a-0.a.shop.svc.k8s.example.:8981"],
		["a.svc.svc:1", "a.svc.svc.k8s.example.:1"],
		["a.shop.svc.k8s.example:1", undefined],
		["localhost:1", undefined],
		["10.0.0.1:1", undefined],
		["a.shop.svc", undefined],
	])("is looked up in the domain alone: %s", (address, absolute) => {
		expect(absoluteAddress(address, "k8s.example")).toBe(absolute);
	});

	test("is called by its own name all the same", async () => {
		const proxy = await startProxy();
		const asked: string[] = [];
		vi.spyOn(promises, "lookup").mockImplementation(((name: string) => {
			asked.push(name);
			return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
		}) as never);
		const instance = { ...proxy.instance, address: proxy.instance.address.replace(/\d+$/, String(proxy.port)) };
		const resolve = (address: string) => absoluteAddress(address, "k8s.example");
		const [answer] = await adminOf([], { resolve }).ask([about({ instance })], 5000);
		expect(answer?.answer).toMatchObject({ state: "known" });
		const [host = ""] = instance.address.split(":");
		expect(new Set(asked)).toEqual(new Set([`${host}.k8s.example.`]));
		expect(proxy.hosts).toEqual([instance.address]);
	});
});
