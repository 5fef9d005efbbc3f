/** As which the server that is fuzzed signs what it changes. Apart from all else: its process loads no more than it needs. */
export const FUZZED_RELEASE = "0.0.0";
