// Warnings: what costs a program dearly and is easily changed. Each is told once; where they go is the host's to say.

let listen: (message: string) => void = () => undefined;

/** Sets where warnings go: the host's log. */
export function onWarning(listener: (message: string) => void): void {
  listen = listener;
}

export const warn = (message: string): void => listen(message);
