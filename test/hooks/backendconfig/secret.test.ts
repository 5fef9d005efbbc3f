import { expect, it } from "vitest";
import { connectionSecret } from "../../../hooks/backendconfig/secret.ts";
import { plannedBackend } from "../plans.ts";

const built = (url?: string) =>
	connectionSecret(
		plannedBackend({ ...(url && { connection: { url } }) }, { installation: { inlineCredentials: true } }).plan,
	);

it.each([[undefined], ["redis://redis:6379"]])("is not wanted without credentials: %s", (url) => {
	expect(built(url)).toBeUndefined();
});

it("holds the URL with its credentials, as the API server stores it", () => {
	const secret = built("redis://me:secret@redis:6379");
	expect(secret?.metadata).toMatchObject({ name: "it-backend", namespace: "prism" });
	expect(atob(secret?.data?.["url"] ?? "")).toBe("redis://me:secret@redis:6379");
});
