import { ApiError, type Store } from "../../devcluster/store.ts";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";

/** Installs our CRDs and waits until their kinds are served. */
export const installKinds = async (store: Store): Promise<void> => {
	for (const kind of KINDS) await store.apply(customResourceDefinition(kind), { fieldManager: "test" });
	for (const { group, version, plural } of KINDS)
		await eventually(async () => store.list(await store.resourceNamed(`${group}/${version}`, plural)));
};

/** Repeats what fails with an API error or a failed expectation, until it holds or time is up. */
export const eventually = async <Result>(attempt: () => Promise<Result>, seconds = 20): Promise<Result> => {
	const deadline = performance.now() + seconds * 1000;
	for (;;) {
		try {
			return await attempt();
		} catch (error) {
			if (performance.now() > deadline) throw error;
			await pause(100);
		}
	}
};

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const ensureNamespaces = async (store: Store, names: Iterable<string>): Promise<void> => {
	for (const name of new Set(names)) {
		await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } }).catch((error: unknown) => {
			if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
		});
	}
};
