// The variables that the suites read, where there is an environment; a page has none.

export const environment: Readonly<Record<string, string | undefined>> =
  typeof process === "undefined" ? {} : process.env;
