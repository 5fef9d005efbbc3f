import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		// Tests run with Node's own type stripping, exactly as the program does.
		experimental: { viteModuleRunner: false },
		maxWorkers: 2,
		testTimeout: 20_000,
	},
});
