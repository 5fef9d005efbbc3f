import { execFileSync } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Binaries, obtainControlPlane } from "../../../devcluster/control-plane/binaries.ts";
import { freePort } from "../../../devcluster/free-port.ts";
import {
	type Fault,
	listening,
	type Machine,
	type Mirror,
	machine,
	PROGRAMS,
	startMirror,
} from "../control-plane-world.ts";

let here: Machine;
let mirror: Mirror | undefined;
let lines: string[];
let progress: string[];
beforeEach(() => {
	here = machine();
	lines = [];
	progress = [];
});
afterEach(() => {
	mirror?.close();
	mirror = undefined;
	here.remove();
});

const TIMES = { connect: 2000, silence: 1000, progress: 100 };
const obtain = (environment: Record<string, string>, os = "linux", arch = "amd64"): Promise<Binaries> =>
	obtainControlPlane(
		{ ...here.environment, ...environment },
		{ line: (text) => void lines.push(text), progress: (text) => void progress.push(text) },
		{ platform: { os, arch }, times: TIMES },
	);
const obtainFrom = async (fault: Fault, os?: string, arch?: string) => {
	mirror = await startMirror(fault);
	return obtain({ CONTROL_PLANE_MIRROR: mirror.url }, os, arch);
};
const noFault: Fault = () => false;

/** What each program says of itself; a built one says nothing. */
const saidBy = (binaries: Binaries) =>
	Object.values(binaries).map((path) => execFileSync("cat", [path], { encoding: "utf8" }));
const official = (tool: string) => `#!/bin/sh\necho official ${tool}\n`;
const BUILT = "half\n";

describe("a download of the control plane", () => {
	test("has every program whole, needs no Go, and is made once", async () => {
		const binaries = await obtainFrom(noFault);
		expect(saidBy(binaries)).toEqual(PROGRAMS.map(official));
		expect(execFileSync(binaries.etcd, { encoding: "utf8" })).toBe("official etcd\n");
		expect(here.cached().names).toEqual(PROGRAMS);
		const [version = "", etcd = ""] = here.cached().version.split("-");
		const kubernetes = PROGRAMS.slice(1).flatMap((tool) => [tool, `${tool}.sha256`]);
		expect(mirror?.asked.toSorted()).toEqual(
			[
				...kubernetes.map((name) => `dl.k8s.io/${version}/bin/linux/amd64/${name}`),
				...["SHA256SUMS", `etcd-v${etcd}-linux-amd64.tar.gz`].map(
					(name) => `github.com/etcd-io/etcd/releases/download/v${etcd}/${name}`,
				),
			]
				.map((path) => `/mirrored/${path}`)
				.toSorted(),
		);
		expect(lines.filter((line) => line.endsWith("its checksum is right"))).toHaveLength(5);
		await obtain({ CONTROL_PLANE_MIRROR: mirror?.url ?? "" });
		expect(mirror?.asked).toHaveLength(10);
	});

	test("follows redirects", async () => {
		const binaries = await obtainFrom(({ url = "" }, response) => {
			if (url.startsWith("/moved")) return false;
			response.writeHead(302, { location: `/moved${url}` }).end();
			return true;
		});
		expect(saidBy(binaries)).toEqual(PROGRAMS.map(official));
	});

	test("on macOS has kubectl and etcd alone; Go builds the others, for which no request is made", async () => {
		here.installGo();
		const binaries = await obtainFrom(noFault, "darwin", "arm64");
		expect(saidBy(binaries)).toEqual([official("etcd"), BUILT, BUILT, BUILT, official("kubectl")]);
		expect(mirror?.asked.map((path) => path.replace(/.*\//, "").replace(/v[\d.]+-/, "")).toSorted()).toEqual([
			"SHA256SUMS",
			"etcd-darwin-arm64.zip",
			"kubectl",
			"kubectl.sha256",
		]);
		expect(lines).toContain(
			"cannot download kube-apiserver, kube-controller-manager, kube-scheduler: none is offered for darwin/arm64; building from source instead",
		);
	});

	test("shows how far it has come", async () => {
		await obtainFrom((request, response) => {
			if (!request.url?.endsWith("/kubectl")) return false;
			const content = official("kubectl");
			response.writeHead(200, { "content-length": content.length }).write(content.slice(0, content.length / 2));
			setTimeout(() => response.end(content.slice(content.length / 2)), 700);
			return true;
		});
		expect(progress.join("\n")).toMatch(/^downloading kubectl 0\.0 of 0\.0 MB \(5\d %\)$/m);
	});

	test("clears away what an interrupted one left a day ago", async () => {
		await obtainFrom(noFault);
		const folder = dirname(await kubectlOf());
		for (const [name, age] of [
			[".kubectl.old", 2],
			[".kubectl.new", 0],
		] as const) {
			mkdirSync(join(folder, name));
			writeFileSync(join(folder, name, "kubectl"), "half");
			utimesSync(join(folder, name), new Date(), new Date(Date.now() - age * 86_400_000));
		}
		execFileSync("rm", [join(folder, "kubectl")]);
		await obtain({ CONTROL_PLANE_MIRROR: mirror?.url ?? "" });
		expect(here.cached().names).toEqual([".kubectl.new", ...PROGRAMS]);
	});
});

const kubectlOf = async () => (await obtain({})).kubectl;

describe("a download that fails, told in one sentence, leaves nothing behind, and Go builds what it was for:", () => {
	const kubectlIs =
		(answer: Fault): Fault =>
		(request, response) =>
			request.url?.endsWith("/kubectl") === true && answer(request, response);

	test.for<[string, Fault, RegExp]>([
		[
			"cut off",
			kubectlIs((_, response) => {
				response.writeHead(200, { "content-length": 4_000_000 }).write(Buffer.alloc(1_000_000));
				setTimeout(() => response.destroy(), 100);
				return true;
			}),
			/^cannot download kubectl: http:\S+\/kubectl was cut off after 1\.0 of 4\.0 MB \(.+\)/,
		],
		[
			"stalled",
			kubectlIs((_, response) => {
				response.writeHead(200, { "content-length": 4_000_000 }).write(Buffer.alloc(1_000_000));
				return true;
			}),
			/^cannot download kubectl: http:\S+\/kubectl was cut off after 1\.0 of 4\.0 MB \(Body Timeout Error\)/,
		],
		[
			"with a wrong checksum",
			kubectlIs((_, response) => {
				response.end("#!/bin/sh\necho evil\n");
				return true;
			}),
			/^cannot download kubectl: the SHA-256 of http:\S+\/kubectl is [0-9a-f]{64}, and [0-9a-f]{64} was published: it was not used/,
		],
		[
			"answered with 404",
			kubectlIs((_, response) => {
				response.writeHead(404).end();
				return true;
			}),
			/^cannot download kubectl: http:\S+\/kubectl answers 404/,
		],
		[
			"without a checksum",
			(request, response) => {
				if (!request.url?.endsWith("/kubectl.sha256")) return false;
				response.end("<html>not found</html>");
				return true;
			},
			/^cannot download kubectl: http:\S+\/kubectl\.sha256 has no SHA-256 of kubectl/,
		],
	])("%s", async ([, fault, sentence]) => {
		here.installGo();
		const binaries = await obtainFrom(fault);
		expect(saidBy(binaries)).toEqual([...PROGRAMS.slice(0, 4).map(official), BUILT]);
		const told = lines.filter((line) => line.startsWith("cannot"));
		expect(told).toEqual([expect.stringMatching(sentence)]);
		expect(told[0]).toMatch(/; building from source instead$/);
		expect(here.cached().names).toEqual(PROGRAMS);
		expect(here.builds()).toEqual(["k8s.io/kubernetes/cmd/kubectl 0"]);
	});

	test("an archive without the program in it", async () => {
		here.installGo();
		here.script("bin/gzip", "exit 1");
		expect(saidBy(await obtainFrom(noFault))[0]).toBe(BUILT);
		expect(lines).toContainEqual(
			expect.stringMatching(/^cannot download etcd: cannot unpack etcd-v\S+\/etcd from etcd-v\S+\.tar\.gz: /),
		);
	});

	const unreachable: readonly [string, () => Promise<string>, RegExp][] = [
		[
			"whose name is not known",
			async () => "http://mirror.invalid",
			/mirror\.invalid cannot be reached \(getaddrinfo \w+ mirror\.invalid\)/,
		],
		[
			"that refuses",
			async () => `http://127.0.0.1:${await freePort()}`,
			/127\.0\.0\.1:\d+ cannot be reached \(connect ECONNREFUSED/,
		],
		[
			"that says nothing",
			async () => {
				mirror = await startMirror(() => true);
				return mirror.url;
			},
			/127\.0\.0\.1:\d+ cannot be reached \(Headers Timeout Error\)/,
		],
		[
			"that is no address",
			async () => "mirror/of/ours",
			/CONTROL_PLANE_MIRROR is "mirror\/of\/ours", which is no http or https address/,
		],
	];
	test.for(unreachable)("from a host %s, once for all programs", async ([, address, cause]) => {
		here.installGo();
		expect(saidBy(await obtain({ CONTROL_PLANE_MIRROR: await address() }))).toEqual(PROGRAMS.map(() => BUILT));
		const told = lines.filter((line) => line.startsWith("cannot"));
		expect(told).toEqual([expect.stringMatching(cause)]);
		for (const tool of PROGRAMS) expect(told[0]).toContain(tool);
		expect(mirror?.asked.length ?? 1).toBe(1);
	});

	test("from the official hosts, each of which is asked once; a proxy of the environment is used", async () => {
		here.installGo();
		const asked: string[] = [];
		const proxy = createServer().on("connect", ({ url }, socket) => {
			asked.push(url ?? "");
			socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
		});
		const port = await listening(proxy);
		await obtain({ https_proxy: `http://127.0.0.1:${port}` });
		proxy.close();
		expect(asked.toSorted()).toEqual(["dl.k8s.io:443", "github.com:443"]);
		expect(lines.filter((line) => line.startsWith("cannot"))).toEqual([
			expect.stringMatching(/^cannot download etcd: github\.com cannot be reached \(/),
			expect.stringMatching(
				/^cannot download kube-apiserver, kube-controller-manager, kube-scheduler, kubectl: dl\.k8s\.io cannot be reached \(/,
			),
		]);
	});
});

describe("prism-operator control-plane", () => {
	test("says what it downloads, and ends with the paths of the programs", async () => {
		mirror = await startMirror();
		here.installGo();
		const { code, stdout, stderr } = await here.run(["cli/main.ts", "control-plane"], {
			CONTROL_PLANE_MIRROR: mirror.url,
		});
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		const printed = stdout.trimEnd().split("\n");
		const folder = join(here.folder, "cache/prism-operator/control-plane", here.cached().version);
		expect(printed.slice(-5)).toEqual(PROGRAMS.map((tool) => join(folder, tool)));
		expect(printed).toContainEqual(expect.stringMatching(/^downloaded kubectl v[\d.]+, and its checksum is right$/));
	});

	test("without Go and without network is one sentence that says what to do, within seconds", async () => {
		const began = performance.now();
		const { code, stdout, stderr } = await here.run(["cli/main.ts", "control-plane"], {
			CONTROL_PLANE_MIRROR: `http://127.0.0.1:${await freePort()}`,
		});
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(stderr).toMatch(
			/^error: cannot get etcd, kube-apiserver, .+ \(.+cannot be reached .+; there is no Go\): install Go \d.+, or name a mirror in CONTROL_PLANE_MIRROR, or put .+ where KUBEBUILDER_ASSETS says\n$/,
		);
		expect(performance.now() - began).toBeLessThan(15_000);
	});
});

test("make helm without Go is one sentence, without a stack", async () => {
	const { code, stderr } = await here.run(["hack/helm/binary.ts"]);
	expect(code).toBe(1);
	expect(stderr).toMatch(/^error: cannot build helm \(Go \d\S+ or newer is required: \S+\): .*\n$/);
});
