import { workerData } from "node:worker_threads";

// Ends the process when a mutant keeps it busy for too long. By the processor's time, not the clock's: on a busy machine
// a mutant that is merely not served would seem to be one that never ends.

const { shared } = workerData as { readonly shared: SharedArrayBuffer };
/** Which mutant is being tried, and how many milliseconds it may take. */
const state = new Int32Array(shared);

let current = 0;
let begun = process.cpuUsage();

setInterval(() => {
	const tried = Atomics.load(state, 0);
	if (tried !== current) {
		current = tried;
		begun = process.cpuUsage();
		return;
	}
	const { user, system } = process.cpuUsage(begun);
	const most = Atomics.load(state, 1);
	if (most > 0 && (user + system) / 1000 > most) process.kill(process.pid, "SIGKILL");
}, 250);
