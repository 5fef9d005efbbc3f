import { describe, expect, it } from "vitest";
import { objectMap } from "../../kube/offline.ts";
import { secondsAfter } from "../../kube/time.ts";
import { type ClaimInTrouble, claimsBy, claimsInTrouble, namedClaims, namedClass } from "../../kube/volume-claims.ts";
import type { KubeObject } from "../../schemas/common.ts";

const NOW = "2026-01-01T01:00:00Z";
const ago = (seconds: number): string => secondsAfter(NOW, -seconds);

describe("related objects", () => {
	const volume = (claimName: unknown) => ({ name: "v", persistentVolumeClaim: { claimName } });

	it.each<[string, readonly unknown[], readonly string[] | undefined]>([
		["without volumes", [undefined], undefined],
		["with other volumes", [[{ name: "v", emptyDir: {} }]], undefined],
		["with a name that is none", [[volume(3)], "volumes"], undefined],
		["each once, sorted", [[volume("b"), volume("a")], [volume("b")]], ["a", "b"]],
	])("are the claims of a spec %s", (_, lists, names) => {
		const rule = { apiVersion: "v1", resource: "persistentvolumeclaims", namespace: "team", names };
		expect(namedClaims("team", ...lists)).toEqual(names === undefined ? [] : [rule]);
	});

	it("are the claims of a StatefulSet by labels, and a StorageClass by name", () => {
		expect(claimsBy({ app: "it" }, "team").labelSelector).toEqual({ matchLabels: { app: "it" } });
		expect(namedClass("fast")).toMatchObject([{ resource: "storageclasses", names: ["fast"] }]);
		expect(["", undefined, 3].flatMap(namedClass)).toEqual([]);
	});
});

const metadata = (name: string, more: object = {}) => ({
	name,
	namespace: "team",
	creationTimestamp: ago(100),
	...more,
});

/** A workload of two pods, of which as many are available. */
const workload = (kind: "Deployment" | "StatefulSet", available: number, more: object = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind,
	metadata: metadata("it"),
	spec: {
		replicas: 2,
		serviceName: "it-headless",
		template: { spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "own" } }] } },
		volumeClaimTemplates: [{ metadata: { name: "data" } }],
	},
	status: { replicas: 2, updatedReplicas: 2, availableReplicas: available, ...more },
});

const claim = (name: string, fields: { status?: object; spec?: object; metadata?: object } = {}): KubeObject => ({
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: metadata(name, fields.metadata),
	spec: { storageClassName: "fast", ...fields.spec },
	status: { phase: "Bound", ...fields.status },
});

const storageClass = (volumeBindingMode: string): KubeObject => ({
	apiVersion: "storage.k8s.io/v1",
	kind: "StorageClass",
	metadata: { name: "fast" },
	volumeBindingMode,
});

const troublesOf = (observed: KubeObject, ...related: readonly KubeObject[]): ClaimInTrouble[] =>
	claimsInTrouble({ wanted: [observed], observed: objectMap([observed]), related: objectMap(related), now: NOW });

const PENDING = { status: { phase: "Pending" } };
const ASKED = { annotations: { "volume.kubernetes.io/storage-provisioner": "fast.example.com" } };

describe("a claim of a Deployment's volume", () => {
	it.each<[string, readonly KubeObject[], ClaimInTrouble["trouble"] | undefined]>([
		["that is bound", [claim("own")], undefined],
		["that does not exist", [claim("other")], { about: "missing" }],
		["that lost its volume", [claim("own", { status: { phase: "Lost" } })], { about: "lost" }],
		[
			"without a class, in a cluster without a default",
			[claim("own", { ...PENDING, spec: { storageClassName: undefined } })],
			{ about: "noDefaultClass" },
		],
		["for no class", [claim("own", { ...PENDING, spec: { storageClassName: "" } })], { about: "noClass" }],
		[
			"that a provisioner does not answer",
			[claim("own", { ...PENDING, metadata: ASKED })],
			{
				about: "notProvisioned",
				class: "fast",
			},
		],
		["of a class that is not related", [claim("own", PENDING)], undefined],
		[
			"of a class that does not exist",
			[claim("own", PENDING), { ...storageClass("Immediate"), metadata: { name: "slow" } }],
			{ about: "unknownClass", class: "fast" },
		],
		[
			"of a class that provisions at once",
			[claim("own", PENDING), storageClass("Immediate")],
			{ about: "notProvisioned", class: "fast" },
		],
		["of a class that waits for the pod", [claim("own", PENDING), storageClass("WaitForFirstConsumer")], undefined],
	])("%s", (_, related, trouble) => {
		expect(troublesOf(workload("Deployment", 1), ...related).map((each) => each.trouble)).toEqual(
			trouble === undefined ? [] : [trouble],
		);
	});

	it("is no problem to pods that run, or that could not be created", () => {
		const lost = claim("own", { status: { phase: "Lost" } });
		expect(troublesOf(workload("Deployment", 2), lost)).toEqual([]);
		expect(troublesOf(workload("Deployment", 1, { replicas: 1 }), lost)).toEqual([]);
	});

	it("that is being deleted is reported at once, whatever runs", () => {
		const going = claim("own", {
			metadata: { deletionTimestamp: ago(59), finalizers: ["kubernetes.io/pvc-protection"] },
		});
		expect(troublesOf(workload("Deployment", 2), going)).toMatchObject([
			{
				claim: "own",
				trouble: { about: "terminating", since: ago(59), finalizers: ["kubernetes.io/pvc-protection"] },
				isAwaited: false,
				stalled: false,
				dueIn: 0,
			},
		]);
	});

	it.each([
		[0, 30, false],
		[29, 1, false],
		[30, 0, false],
		[600, 0, true],
	])("that is %d s old is reported in %d s, and stalled: %s", (age, dueIn, stalled) => {
		const young = claim("own", { ...PENDING, metadata: { ...ASKED, creationTimestamp: ago(age) } });
		expect(troublesOf(workload("Deployment", 1), young)).toMatchObject([{ dueIn, stalled }]);
	});
});

describe("claims of a StatefulSet", () => {
	const LOST = { status: { phase: "Lost" } };

	it("are those of its template for each pod; one that does not exist is its controller's to create", () => {
		const related = [claim("own"), claim("data-it-1", LOST)];
		expect(troublesOf(workload("StatefulSet", 1), ...related)).toMatchObject([
			{ claim: "data-it-1", workload: { kind: "StatefulSet", name: "it" }, remedy: { name: "data-it-1" } },
		]);
	});

	it("are no problem to a pod that its endpoints report ready", () => {
		const slice: KubeObject = {
			apiVersion: "discovery.k8s.io/v1",
			kind: "EndpointSlice",
			metadata: { name: "s", namespace: "team", labels: { "kubernetes.io/service-name": "it-headless" } },
			endpoints: [{ addresses: ["10.0.0.1"], conditions: { serving: true }, targetRef: { kind: "Pod", name: "it-1" } }],
		};
		const related = [claim("own"), claim("data-it-0", LOST), claim("data-it-1", LOST)];
		const troubled = (...more: readonly KubeObject[]) =>
			troublesOf(workload("StatefulSet", 1), ...related, ...more).map((each) => each.claim);
		expect(troubled()).toEqual(["data-it-0", "data-it-1"]);
		expect(troubled(slice)).toEqual(["data-it-0"]);
	});
});
