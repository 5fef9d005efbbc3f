import { expect, it } from "vitest";
import { ingress } from "../../../kube/children/ingress.ts";

const PLAN = { metadata: { name: "it" }, host: "prism.example.com", service: "proxies", port: "grpc" };

it("leads all paths of its host to a port of one Service, by the port's name", () => {
	const backend = { service: { name: "proxies", port: { name: "grpc" } } };
	expect(ingress(PLAN)).toEqual({
		apiVersion: "networking.k8s.io/v1",
		kind: "Ingress",
		metadata: { name: "it" },
		spec: { rules: [{ host: "prism.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
	});
});

it("has a class and a certificate for its host if the plan has", () => {
	expect(ingress({ ...PLAN, className: "internal", tlsSecret: "certificate" }).spec).toMatchObject({
		ingressClassName: "internal",
		tls: [{ hosts: ["prism.example.com"], secretName: "certificate" }],
	});
});
