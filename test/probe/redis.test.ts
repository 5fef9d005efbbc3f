import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../../devcluster/process.ts";
import { suiteWith } from "./installed.ts";
import { describeScenarios, PASSWORD } from "./scenarios.ts";
import { waitForPort } from "./sockets.ts";

suiteWith("a real Redis", ["redis-server", "openssl"], (pathOf) => {
	describeScenarios(
		{
			provider: "redis",
			username: "prism",
			path: "/1",
			wrongPath: "/99",
			withoutClientCertificate: "HandshakeFailed",
			async start(folder, port, tls) {
				const listen =
					tls === undefined
						? [`port ${port}`]
						: [
								"port 0",
								`tls-port ${port}`,
								`tls-cert-file ${tls.certificates.cert}`,
								`tls-key-file ${tls.certificates.key}`,
								`tls-ca-cert-file ${tls.certificates.ca}`,
								`tls-auth-clients ${tls.mutual ? "yes" : "no"}`,
							];
				const config = join(folder, "redis.conf");
				writeFileSync(
					config,
					[
						"bind 127.0.0.1",
						...listen,
						`dir ${folder}`,
						'save ""',
						"user default off",
						// May do nothing else: the check needs no more.
						`user prism on ">${PASSWORD}" +ping +select`,
						"",
					].join("\n"),
				);
				const running = startProcess("redis", pathOf("redis-server"), [config], join(folder, "log"));
				await waitForPort(port);
				return running;
			},
		},
		pathOf("openssl"),
	);
});
