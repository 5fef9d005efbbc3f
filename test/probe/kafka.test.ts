import { expect, test } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import { suiteWith } from "./installed.ts";
import { startBroker } from "./kafka-broker.ts";
import { observeProbe } from "./running.ts";
import { describeScenarios, PASSWORD } from "./scenarios.ts";

// No real Kafka is to be had from Debian: a broker that speaks as much of the protocol as the check needs.

suiteWith("a Kafka broker", ["openssl"], (pathOf) => {
	describeScenarios(
		{
			provider: "kafka",
			username: "prism",
			withoutClientCertificate: "HandshakeFailed",
			start: (_folder, port, tls) => startBroker({ port, username: "prism", password: PASSWORD, tls }),
		},
		pathOf("openssl"),
	);

	test.each([
		{ reason: "a cluster without brokers", brokers: 0, url: "", outcome: "NotServing" },
		{
			reason: "a mechanism that the broker has not",
			brokers: 1,
			url: "?mechanism=SCRAM-SHA-256",
			outcome: "AuthenticationFailed",
		},
	] as const)("$reason is $outcome", async ({ brokers, url, outcome }) => {
		const port = await freePort();
		const broker = await startBroker({ port, username: "prism", password: PASSWORD, brokers });
		const observed = await observeProbe({
			PRISM_BACKEND_PROVIDER: "kafka",
			PRISM_BACKEND_URL: `kafka://127.0.0.1:${port}${url}`,
			PRISM_BACKEND_USERNAME: "prism",
			PRISM_BACKEND_PASSWORD: PASSWORD,
		});
		await observed.until(outcome);
		await observed.end(["CANARY"]);
		await broker.stop();
		expect(observed.verdicts()).toEqual([outcome]);
	});
});
