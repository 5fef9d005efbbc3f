// Pages written by hand that contain the operator's image with its tag.

export const PAGES_WITH_IMAGES = ["README.md", "SECURITY.md"] as const;

/** The page with the release's tag after each of our images. */
export const withImageTags = (page: string, version: string): string =>
	page.replace(/(\/prism-operator(?:-probe)?:v)\d+\.\d+\.\d+(?:-[\w.]+)?/g, `$1${version}`);
