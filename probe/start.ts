import { ConfigError } from "../server/settings.ts";
import { readProbeConfig } from "./config.ts";
import { runProbe } from "./main.ts";

// Entry point of the probe's image: checks one backend's health and reports it at /readyz. Configured by environment variables; the pod's
// arguments only repeat the image's, and are not read.

try {
	await runProbe(readProbeConfig(process.env), { ownProcess: true });
} catch (error) {
	console.error(error instanceof ConfigError ? `error: ${error.message}` : error);
	process.exitCode = 1;
}
