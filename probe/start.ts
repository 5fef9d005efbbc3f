import { ConfigError } from "../server/settings.ts";
import { readProbeConfig } from "./config.ts";
import { runProbe } from "./main.ts";

// The probe's image runs this: checks one backend's health and reports it at /readyz; configured by environment variables.
// What pods have as arguments says no more than the image does, and is not read.

try {
	await runProbe(readProbeConfig(process.env), { ownProcess: true });
} catch (error) {
	console.error(error instanceof ConfigError ? `error: ${error.message}` : error);
	process.exitCode = 1;
}
