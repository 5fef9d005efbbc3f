import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serviceHost } from "../../kube/names.ts";
import { casesIn, rendered } from "../golden-cases.ts";

// Names of Services that pods are given, in an installation that names the cluster's domain: whoever has a namespace called `svc`
// must not be asked in their place.

const DOMAIN = "k8s.example";
/** Recorded calls are what they were. */
const CASES = casesIn(join(import.meta.dirname, "../golden")).filter(({ stem }) => !existsSync(`${stem}.call.yaml`));

const givenTo = ({ stem, input }: (typeof CASES)[number]): string =>
	[input, ...["observed", "related"].map((part) => `${stem}.${part}.yaml`)]
		.filter((path) => existsSync(path))
		.map((path) => readFileSync(path, "utf8"))
		.join("\n");

/** Names of Services in a text; those of a status are for people. */
const hostsIn = (text: string): string[] =>
	text
		.split("\n")
		.filter((line) => !/^ {2,4}(endpoint|proxy|admin|metrics): /.test(line))
		.flatMap((line) => line.match(/[-\w.$()]+\.svc(\.[-a-z0-9.]+)?/g) ?? []);

describe("names of Services in children", () => {
	it.each(CASES)("are absolute: $name", (golden) => {
		const given = givenTo(golden);
		const own = hostsIn(rendered(golden, { clusterDomain: DOMAIN })).filter((host) => !given.includes(host));
		expect(own.filter((host) => !host.endsWith(`.svc.${DOMAIN}.`))).toEqual([]);
	});

	it("there are of each sort, in the cases", () => {
		const text = CASES.map((golden) => rendered(golden, { clusterDomain: DOMAIN })).join("\n");
		for (const host of [
			`"controlPlane":"full-admin.prism.svc.${DOMAIN}.:7002"`,
			`"address":"full-queue.prism.svc.${DOMAIN}.:8080"`,
			`search-index-plugin.prism.svc.${DOMAIN}.:50200`,
			`10=shop-admin-0.shop-admin-headless.prism.svc.${DOMAIN}.:8990`,
			`$(PRISM_POD_NAME).shop-admin-headless.prism.svc.${DOMAIN}.:8990`,
		])
			expect(text).toContain(host);
	});

	it("are as they were where the domain is not named, so that no pod is replaced", () => {
		expect(serviceHost("a", "b", undefined)).toBe("a.b.svc");
	});
});
