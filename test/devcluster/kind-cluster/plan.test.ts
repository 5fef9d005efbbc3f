import { expect, it } from "vitest";
import { downSteps, type Options, upSteps } from "../../../devcluster/kind-cluster/plan.ts";

const OPTIONS: Options = {
	name: "dev",
	image: "localhost:5000/operator:dev",
	samples: ["samples/quickstart.yaml", "samples/tenants.yaml"],
	load: [],
	timeoutSeconds: 300,
};

const lines = (options: Options): string[] => upSteps(options).map(({ program, args }) => [program, ...args].join(" "));

it("brings a cluster, the image, the operator and samples, in this order and with these arguments", () => {
	expect(lines(OPTIONS)).toEqual([
		"docker info --format {{.ServerVersion}}",
		"kind create cluster --name dev --config devcluster/kind-cluster/cluster.yaml --wait 180s",
		"docker build --tag localhost:5000/operator:dev .",
		"docker build --target probe --tag localhost:5000/operator-probe:dev .",
		"kind load docker-image localhost:5000/operator:dev --name dev",
		"kind load docker-image localhost:5000/operator-probe:dev --name dev",
		"helm upgrade --install prism-operator charts/prism-operator --kube-context kind-dev --namespace prism-system --create-namespace --wait --timeout 300s --set metacontroller.enabled=true --set image.repository=localhost:5000/operator --set image.tag=dev",
		"kubectl --context kind-dev --namespace prism-system rollout restart deployment/prism-operator-controller-manager",
		"kubectl --context kind-dev --namespace prism-system rollout status deployment/prism-operator-controller-manager --timeout=180s",
		"kubectl --context kind-dev apply --filename samples/quickstart.yaml --filename samples/tenants.yaml",
		"kubectl --context kind-dev wait --for=condition=Ready --timeout=300s --filename samples/quickstart.yaml --filename samples/tenants.yaml",
	]);
});

it("loads further images, and takes Prism's from elsewhere", () => {
	const all = lines({ ...OPTIONS, load: ["a:1", "b:2"], imageRegistry: "registry.example/prism", imageTag: "v2" });
	expect(all.filter((line) => line.startsWith("kind load"))).toEqual([
		"kind load docker-image localhost:5000/operator:dev --name dev",
		"kind load docker-image localhost:5000/operator-probe:dev --name dev",
		"kind load docker-image a:1 --name dev",
		"kind load docker-image b:2 --name dev",
	]);
	expect(all.find((line) => line.startsWith("helm"))).toContain(
		"--set config.PRISM_IMAGE_REGISTRY=registry.example/prism --set config.PRISM_IMAGE_TAG=v2",
	);
});

it("names an image without a tag as Docker does", () => {
	const helm = lines({ ...OPTIONS, image: "localhost:5000/operator" }).find((line) => line.startsWith("helm"));
	expect(helm).toContain("image.repository=localhost:5000/operator --set image.tag=latest");
});

it("touches no cluster but the one that it made", () => {
	for (const { program, args } of upSteps(OPTIONS)) {
		if (program === "kubectl") expect(args.slice(0, 2)).toEqual(["--context", "kind-dev"]);
		if (program === "helm") expect(args.join(" ")).toContain("--kube-context kind-dev");
	}
	expect(downSteps(OPTIONS).map(({ program, args }) => [program, ...args].join(" "))).toEqual([
		"kind delete cluster --name dev",
	]);
});

it("makes the cluster of another Kubernetes when its nodes' image is named", () => {
	expect(lines({ ...OPTIONS, nodeImage: "kindest/node:v1.28.15" })[1]).toBe(
		"kind create cluster --name dev --config devcluster/kind-cluster/cluster.yaml --wait 180s --image kindest/node:v1.28.15",
	);
});
