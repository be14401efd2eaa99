// A second realm for tests of this package; the tests of the whole have it too.
// oxlint-disable-next-line no-restricted-imports -- one second realm for the tests of this package and of the whole
export { otherRealm } from "../../../../test/support/realm.ts";
