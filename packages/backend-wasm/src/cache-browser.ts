// Texts kept from one page to the next in IndexedDB, or for the life of the page where the browser grants none (private
// windows, sandboxed frames). Loses a text rather than fail: nothing here rejects.
import type { Runtime } from "@weft/ir";

const DATABASE = "weft";
const STORE = "texts";

/** The result of a request, or null if it fails. */
function settled<T>(request: IDBRequest<T>): Promise<T | null> {
  return new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      resolve(null);
    };
  });
}

function openDatabase(): Promise<IDBDatabase | null> {
  try {
    // where a page's origin is opaque even the name throws
    const factory = (globalThis as { indexedDB?: IDBFactory | null }).indexedDB ?? null;
    if (factory === null) return Promise.resolve(null);
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return settled(request);
  } catch {
    return Promise.resolve(null);
  }
}

/** The cache of a page's runtime. The database is opened at the first call. */
export function keptTexts(): NonNullable<Runtime["cache"]> {
  const texts = new Map<string, string>();
  let opening: Promise<IDBDatabase | null> | null = null;
  const store = async (mode: IDBTransactionMode): Promise<IDBObjectStore | null> => {
    const database = await (opening ??= openDatabase());
    try {
      return database?.transaction(STORE, mode).objectStore(STORE) ?? null;
    } catch {
      return null;
    }
  };
  return {
    load: async (name) => {
      const kept = await store("readonly");
      let found: unknown = null;
      try {
        if (kept !== null) found = await settled(kept.get(name));
      } catch {
        // What this page has kept counts.
      }
      return typeof found === "string" ? found : (texts.get(name) ?? null);
    },
    save: async (name, text) => {
      texts.set(name, text);
      const kept = await store("readwrite");
      try {
        if (kept !== null) await settled(kept.put(text, name));
      } catch {
        // Kept for the life of the page.
      }
    },
  };
}
