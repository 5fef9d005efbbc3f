import { expect, it } from "vitest";
import { shardIngress } from "../../../hooks/prismshard/ingress.ts";
import { plannedShard } from "../plans.ts";

const built = (exposure: object) => shardIngress(plannedShard({ exposure }).plan);

it.each(["ClusterIP", "LoadBalancer"])("is not wanted for exposure %s", (type) => {
	expect(built({ type })).toBeUndefined();
});

it("is not wanted without a host: it would take all traffic of the controller", () => {
	expect(built({ type: "Ingress" })).toBeUndefined();
});

it("leads a host to the clients' port of the Service", () => {
	const ingress = built({
		type: "Ingress",
		host: "prism.example.com",
		ingressClassName: "internal",
		tlsSecretName: "certificate",
		annotations: { "example.com/pool": "a" },
	});
	expect(ingress?.metadata).toMatchObject({ name: "prism-it", annotations: { "example.com/pool": "a" } });
	expect(ingress?.spec).toMatchObject({
		ingressClassName: "internal",
		tls: [{ hosts: ["prism.example.com"], secretName: "certificate" }],
		rules: [
			{
				host: "prism.example.com",
				http: { paths: [{ backend: { service: { name: "prism-it", port: { name: "grpc" } } } }] },
			},
		],
	});
});

it("has no TLS without a certificate", () => {
	expect(built({ type: "Ingress", host: "prism.example.com" })?.spec?.tls).toBeUndefined();
});
