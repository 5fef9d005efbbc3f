import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import type { Provider } from "../../probe/backend.ts";
import type { CheckOutcome } from "../../probe/verdict.ts";
import { type Certificates, makeCertificates, SERVER_NAME } from "./certificates.ts";
import { type ObservedProbe, observeProbe } from "./running.ts";
import { gateTo, type Listening, silentServer, webServer } from "./sockets.ts";

// What every probed provider must do, whichever client library it is checked by.

export interface ServerTls {
	readonly certificates: Certificates;
	/** Whether clients need a certificate too. */
	readonly mutual: boolean;
}

export interface Subject {
	readonly provider: Provider;
	readonly username: string;
	/** Starts a server that knows the user, in a folder that is its own and may have been used before. */
	readonly start: (folder: string, port: number, tls?: ServerTls) => Promise<{ stop: () => Promise<void> }>;
	/** What follows host and port in the URL. */
	readonly path?: string;
	/** The same, naming a database that does not exist. */
	readonly wrongPath?: string;
	/** URLs that ask for TLS themselves, and what comes of it where the CA is not a public one. */
	readonly tlsByPath?: Readonly<Record<string, CheckOutcome>>;
	/** What is told when the server wants a client certificate and is given none. */
	readonly withoutClientCertificate: CheckOutcome;
}

/** With all that is special in a URL. */
export const PASSWORD = "CANARY/right:@%#?";
const WRONG_PASSWORD = "CANARY-wrong";
const SECRETS = ["CANARY", encodeURIComponent(PASSWORD)];

/** The machine may be busy with other suites: what takes a second there takes many. */
const PATIENCE_MS = 90_000;

export function describeScenarios(subject: Subject, openssl: string): void {
	const { provider, username, path = "" } = subject;
	let folder = "";
	let certificates: Certificates;
	const cleanUps: (() => Promise<void>)[] = [];

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "prism-probe-"));
		certificates = makeCertificates(mkdtempSync(join(folder, "tls-")), openssl);
	}, PATIENCE_MS);
	afterEach(async () => {
		for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
	}, PATIENCE_MS);
	afterAll(() => rmSync(folder, { recursive: true, force: true }), PATIENCE_MS);

	/** A server on a port of its own, that can be stopped and started. */
	const server = async (tls?: ServerTls) => {
		const port = await freePort();
		const home = mkdtempSync(join(folder, "server-"));
		let running: { stop: () => Promise<void> } | undefined;
		const stop = async () => {
			await running?.stop();
			running = undefined;
		};
		cleanUps.push(stop);
		return {
			port,
			stop,
			start: async () => {
				running = await subject.start(home, port, tls);
			},
		};
	};
	const started = async (tls?: ServerTls) => {
		const made = await server(tls);
		await made.start();
		return made;
	};
	const gate = async (port: number) => {
		const made = await gateTo(port);
		cleanUps.push(made.close);
		return made;
	};
	const listening = async (made: Promise<Listening>) => {
		const { port, close } = await made;
		cleanUps.push(close);
		return port;
	};
	const urlOf = (...ports: number[]) => `${provider}://${ports.map((port) => `127.0.0.1:${port}`).join(",")}${path}`;
	const probe = async (url: string, env: Readonly<Record<string, string>> = {}): Promise<ObservedProbe> => {
		const observed = await observeProbe({
			PRISM_BACKEND_PROVIDER: provider,
			PRISM_BACKEND_URL: url,
			PRISM_BACKEND_USERNAME: username,
			PRISM_BACKEND_PASSWORD: PASSWORD,
			...env,
		});
		cleanUps.push(() => observed.end(SECRETS));
		return observed;
	};
	const tlsEnvironment = (directory: string, serverName = SERVER_NAME) => ({
		PRISM_BACKEND_TLS: "true",
		PRISM_BACKEND_TLS_DIR: directory,
		PRISM_BACKEND_TLS_SERVER_NAME: serverName,
	});

	describe("a server", { timeout: PATIENCE_MS }, () => {
		test("that is up is healthy, over one connection for all checks", async () => {
			const { port } = await started();
			const between = await gate(port);
			const observed = await probe(urlOf(between.port));
			const { message } = await observed.until("Healthy");
			expect(message).toBe(`${provider} at 127.0.0.1:${between.port} answers`);
			const connections = between.passed();
			await observed.checks(4);
			expect(between.passed()).toBe(connections);
			expect(observed.verdicts().at(-1)).toBe("Healthy");
		});

		test("that is down at start is unreachable, and healthy once it is there", async () => {
			const { port, start } = await server();
			const observed = await probe(urlOf(port));
			const { message } = await observed.until("Unreachable");
			expect(message).toContain(`127.0.0.1:${port}`);
			await start();
			await observed.until("Healthy");
		});

		test("that goes down and comes back is followed both times", async () => {
			const { port, start, stop } = await started();
			const observed = await probe(urlOf(port));
			await observed.until("Healthy");
			await stop();
			await observed.until("Unreachable");
			await observed.checks(2);
			await start();
			await observed.until("Healthy");
		});

		test("that rejects the password is not healthy", async () => {
			const { port } = await started();
			const observed = await probe(urlOf(port), { PRISM_BACKEND_PASSWORD: WRONG_PASSWORD });
			await observed.until("AuthenticationFailed");
			await observed.checks(2);
			expect(observed.verdicts().at(-1)).toBe("AuthenticationFailed");
		});

		if (subject.wrongPath !== undefined) {
			test("that has no such database", async () => {
				const { port } = await started();
				const observed = await probe(`${provider}://127.0.0.1:${port}${subject.wrongPath}`);
				await observed.until("DatabaseNotFound");
			});
		}

		test("takes credentials from the URL, and none of them is told", async () => {
			const { port } = await started();
			const credentials = `${username}:${encodeURIComponent(PASSWORD)}`;
			const blank = { PRISM_BACKEND_USERNAME: "", PRISM_BACKEND_PASSWORD: "" };
			const url = urlOf(port);
			const observed = await probe(url.replace("://", `://${credentials}@`), blank);
			await observed.until("Healthy");
			const wrong = await probe(url.replace("://", `://${username}:${WRONG_PASSWORD}@`), blank);
			await wrong.until("AuthenticationFailed");
		});

		test("is found behind one that is down", async () => {
			const { port } = await started();
			const observed = await probe(urlOf(await freePort(), port));
			await observed.until("Healthy");
		});

		test("is found behind one that hangs", async () => {
			const { port } = await started();
			const observed = await probe(urlOf(await listening(silentServer()), port));
			await observed.until("Healthy");
			expect(observed.verdicts()[0]).toBe("TimedOut");
		});
	});

	describe("a connection", { timeout: PATIENCE_MS }, () => {
		test("that ends between two checks is made anew, and nobody is alarmed", async () => {
			const { port } = await started();
			const between = await gate(port);
			const observed = await probe(urlOf(between.port));
			await observed.until("Healthy");
			const connections = between.passed();
			between.cut();
			await observed.checks(2);
			await observed.until("Healthy");
			expect(between.passed()).toBeGreaterThan(connections);
			expect(observed.verdicts()).not.toContain("ConnectionClosed");
		});

		test("that hangs is a failure at the timeout, dropped, and made anew", async () => {
			const { port } = await started();
			const between = await gate(port);
			const observed = await probe(urlOf(between.port));
			await observed.until("Healthy");
			between.hang();
			await observed.until("TimedOut");
			await observed.checks(2);
			between.open();
			await observed.until("Healthy");
		});

		test("to a server that says nothing is a failure at the timeout, and is let go", async () => {
			const silent = await silentServer();
			cleanUps.push(silent.close);
			const observed = await probe(urlOf(silent.port));
			await observed.until("TimedOut");
			await observed.checks(3);
			// The one that is being tried, and at most one on its way out.
			expect(silent.held()).toBeLessThanOrEqual(2);
			await (await probe(urlOf(silent.port), tlsEnvironment(certificates.trusting))).until("TimedOut");
		});

		test("to a server of another kind is a failure", async () => {
			const observed = await probe(urlOf(await listening(webServer())));
			await observed.checks(2);
			expect(["ProtocolError", "ConnectionClosed", "HandshakeFailed", "TimedOut"]).toContain(
				observed.verdicts().at(-1),
			);
		});
	});

	describe("TLS", { timeout: PATIENCE_MS }, () => {
		test("with the right authority and name", async () => {
			const { port } = await started({ certificates, mutual: false });
			await (await probe(urlOf(port), tlsEnvironment(certificates.trusting))).until("Healthy");
		});

		test("with another authority", async () => {
			const { port } = await started({ certificates, mutual: false });
			await (await probe(urlOf(port), tlsEnvironment(certificates.withOtherAuthority))).until("CertificateRejected");
		});

		test("that the server does not offer", async () => {
			const { port } = await started();
			const observed = await probe(urlOf(port), tlsEnvironment(certificates.trusting));
			await observed.checks(2);
			expect(["HandshakeFailed", "TimedOut"]).toContain(observed.verdicts().at(-1));
		});

		test("that the server demands, and is not asked for", async () => {
			const { port } = await started({ certificates, mutual: false });
			const observed = await probe(urlOf(port));
			await observed.checks(2);
			expect(observed.verdicts()).not.toContain("Healthy");
		});

		test("with another name, given or the host's", async () => {
			const { port } = await started({ certificates, mutual: false });
			const wrong = tlsEnvironment(certificates.trusting, "other.prism.test");
			await (await probe(urlOf(port), wrong)).until("CertificateRejected");
			const unnamed = tlsEnvironment(certificates.trusting, "");
			await (await probe(urlOf(port), unnamed)).until("CertificateRejected");
			const local = urlOf(port).replace("127.0.0.1", "localhost");
			await (await probe(local, unnamed)).until("CertificateRejected");
			await (await probe(local, tlsEnvironment(certificates.trusting))).until("Healthy");
		});

		test("with a client certificate, and without it", async () => {
			const { port } = await started({ certificates, mutual: true });
			await (await probe(urlOf(port), tlsEnvironment(certificates.withClientCertificate))).until("Healthy");
			await (await probe(urlOf(port), tlsEnvironment(certificates.trusting))).until(subject.withoutClientCertificate);
		});

		for (const [asked, outcome] of Object.entries(subject.tlsByPath ?? {})) {
			test(`as ${asked} asks for`, async () => {
				const { port } = await started({ certificates, mutual: false });
				await (await probe(`${provider}://127.0.0.1:${port}${asked}`)).until(outcome);
			});
		}

		test("reads the files anew for each connection", async () => {
			const { port } = await started({ certificates, mutual: false });
			const directory = mkdtempSync(join(folder, "mount-"));
			const observed = await probe(urlOf(port), tlsEnvironment(directory));
			await observed.until("CertificateUnreadable");
			copyFileSync(join(certificates.withOtherAuthority, "ca.crt"), join(directory, "ca.crt"));
			await observed.until("CertificateRejected");
			copyFileSync(join(certificates.trusting, "ca.crt"), join(directory, "ca.crt"));
			await observed.until("Healthy");
		});
	});
}
