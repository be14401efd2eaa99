// The hash table finds what was added, whatever shares a hash or a bucket with it.
import { expect, test } from "vitest";
import { HashTable, mixed } from "./hash-table.ts";

const ofHash = (table: HashTable<string>, hash: number): string[] => {
  const found: string[] = [];
  for (let at = table.first(hash); at >= 0; at = table.next(at)) found.push(table.values[at]);
  return found;
};

test("values of one hash are walked, the last first, and no others of their bucket", () => {
  const table = new HashTable<string>();
  expect(ofHash(table, 3)).toEqual([]);
  table.add(3, "a");
  table.add(3 + 16, "of the same bucket");
  table.add(3, "b");
  table.add(-3, "negative");
  expect(ofHash(table, 3)).toEqual(["b", "a"]);
  expect(ofHash(table, 19)).toEqual(["of the same bucket"]);
  expect(ofHash(table, -3)).toEqual(["negative"]);
  expect(ofHash(table, 35)).toEqual([]);
});

test("all of it is found again after the table grew", () => {
  const table = new HashTable<string>();
  for (let i = 0; i < 1000; i++) table.add(mixed(0, i % 500), String(i));
  for (let i = 0; i < 500; i++) expect(ofHash(table, mixed(0, i)).map(Number)).toEqual([i + 500, i]);
});
