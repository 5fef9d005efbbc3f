// Compiled with the pure folders only (tsconfig.pure.json), where nothing of Node's may be known: a directive below that
// is not needed any more is an error of the compiler.

// @ts-expect-error: the environment is read in server/ and cli/
export type Environment = typeof process.env;
// @ts-expect-error: nothing is called from here
export type Call = typeof fetch;
// @ts-expect-error: nothing waits
export type Timer = typeof setTimeout;
// @ts-expect-error: bytes are Uint8Array
export type Bytes = typeof Buffer;
// @ts-expect-error: nothing is printed
export type Print = typeof console;
