import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../../devcluster/process.ts";
import { suiteWith } from "./installed.ts";
import { describeScenarios, PASSWORD } from "./scenarios.ts";
import { waitForPort } from "./sockets.ts";

suiteWith("a real NATS", ["nats-server", "openssl"], (pathOf) => {
	describeScenarios(
		{
			provider: "nats",
			username: "prism",
			withoutClientCertificate: "HandshakeFailed",
			async start(folder, port, tls) {
				const config = join(folder, "nats.conf");
				const secured = tls && {
					tls: {
						cert_file: tls.certificates.cert,
						key_file: tls.certificates.key,
						ca_file: tls.certificates.ca,
						verify: tls.mutual,
					},
				};
				// JSON is a form that nats-server reads.
				writeFileSync(
					config,
					JSON.stringify({
						listen: `127.0.0.1:${port}`,
						authorization: { user: "prism", password: PASSWORD },
						...secured,
					}),
				);
				const running = startProcess("nats", pathOf("nats-server"), ["-c", config], join(folder, "log"));
				await waitForPort(port);
				return running;
			},
		},
		pathOf("openssl"),
	);
});
