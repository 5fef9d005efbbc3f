#!/usr/bin/env node
import { REGISTRY } from "../hooks/index.ts";
import { readConfig } from "./config.ts";
import { RELEASE } from "./release.ts";
import { startServer } from "./server.ts";
import { ConfigError } from "./settings.ts";

// The program in the cluster: serves Metacontroller's webhooks, configured by environment variables.

try {
	await startServer(readConfig(process.env), REGISTRY, {
		release: RELEASE,
		handleSignals: true,
		largeBodies: new URL("large-bodies/thread.ts", import.meta.url),
	});
} catch (error) {
	if (!(error instanceof ConfigError)) throw error;
	console.error(`error: ${error.message}`);
	process.exitCode = 1;
}
