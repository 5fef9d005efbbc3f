import { describe, expect, it } from "vitest";
import { waiting } from "../world.ts";
import { troubleOf } from "./pod-case.ts";

const POD = { containers: [{ name: "runner" }] };
const config = (message: string) =>
	troubleOf({ containers: [{ name: "runner", state: waiting("CreateContainerConfigError", message) }] });

describe("the Secret or ConfigMap that a pod lacks", () => {
	it.each([
		['secret "redis-credentials" not found', { kind: "Secret", name: "redis-credentials" }],
		["there is nothing called redis-credentials here", { kind: "Secret", name: "redis-credentials" }],
		[
			"couldn't find key url in Secret shop/redis-credentials",
			{ kind: "Secret", name: "redis-credentials", key: "url" },
		],
		["redis-credentials lacks url", { kind: "Secret", name: "redis-credentials", key: "url" }],
		['configmap "orders-config" not found', { kind: "ConfigMap", name: "orders-config" }],
		["something that the pod does not name", undefined],
	])("is the object of its spec that the kubelet names: %s", (message, lacks) => {
		expect(config(message)).toMatchObject({ remedy: "config", word: "CreateContainerConfigError" });
		expect(config(message)?.lacks).toEqual(lacks);
	});

	it("is the Secret for the registry", () => {
		const spec = { ...POD, imagePullSecrets: [{ name: "regcred" }] };
		const state = { spec, containers: [{ name: "runner", image: "a/b:1", state: waiting("ImagePullBackOff") }] };
		const unread = ["pod", "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred)"];
		expect(troubleOf(state, unread as never)).toMatchObject({
			remedy: "image",
			lacks: { kind: "Secret", name: "regcred" },
		});
		expect(troubleOf(state)?.lacks).toBeUndefined();
	});

	it.each([
		['MountVolume.SetUp failed for volume "certs" : references non-existent secret key: tls.crt', "tls.crt"],
		['MountVolume.SetUp failed for volume "certs" : secret "orders-tls" not found', undefined],
	])("is the source of a volume: %s", (message, key) => {
		const items = [{ key: "tls.crt", path: "tls.crt" }];
		const spec = { ...POD, volumes: [{ name: "certs", secret: { secretName: "orders-tls", items } }] };
		expect(troubleOf({ spec }, ["pod", "FailedMount", message])?.lacks).toEqual({
			kind: "Secret",
			name: "orders-tls",
			...(key !== undefined && { key }),
		});
	});
});
