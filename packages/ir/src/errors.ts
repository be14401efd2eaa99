// The error classes users see, one a kind (API.md). They live in ir so that every package throws the same ones.

/** The folder of the packages, in a checkout as in node_modules: frames from there are not the user's. */
const HOME = (import.meta as { readonly url: string }).url.replace(/ir\/(?:src|dist)\/errors\.[jt]s.*$/u, "");
const PACKAGES = ["ir", "autodiff", "scheduler", "backend-wasm", "backend-webgpu", "api"];

const isOurs = (frame: string): boolean => {
  const at = frame.indexOf(HOME);
  if (at < 0 || frame.includes(".test.")) return false;
  const rest = frame.slice(at + HOME.length);
  return PACKAGES.some((name) => rest.startsWith(`${name}/src/`) || rest.startsWith(`${name}/dist/`));
};

const isFrame = (line: string): boolean => /^\s+at /u.test(line);
/** A method of an array that the user called: what is above it is ours, wherever a bundler has put it. */
const isMethod = (line: string): boolean => /^\s+at (?:async )?(?:NDArray\.|\[Symbol\.toPrimitive\])/u.test(line);

/**
 * The stack without our own frames at its top, so that it begins at the user's line; whole if nothing would be left.
 * Files tell whose a frame is, where there are files; in a bundle the names of methods do.
 */
export function userStack(stack: string): string {
  const lines = stack.split("\n");
  const first = lines.findIndex(isFrame);
  if (first < 0) return stack;
  let user = first;
  while (user < lines.length && isOurs(lines[user])) user++;
  if (user === first) {
    user = lines.findIndex(isMethod) + 1;
    while (user > 0 && user < lines.length && isMethod(lines[user])) user++;
  }
  return user <= first || user === lines.length ? stack : [...lines.slice(0, first), ...lines.slice(user)].join("\n");
}

/** Not by assignment: hosts that freeze the prototypes of the language refuse that for names that Error.prototype has. */
function setName(prototype: Error, name: string): void {
  Object.defineProperty(prototype, "name", { value: name, writable: true, configurable: true });
}

/**
 * The base of every error Weft throws on purpose. Its stack begins at the line that called Weft. Names are written out,
 * because minifiers shorten those of classes, and stand on prototypes, because engines write a stack's first line while
 * an error is made.
 */
export class WeftError extends Error {
  static {
    setName(this.prototype, "WeftError");
  }

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    if (this.stack !== undefined) this.stack = userStack(this.stack);
  }
}
/** Too many arguments or too few, an option that does not exist, or a value of the wrong kind. */
export class ArgumentError extends WeftError {
  static {
    setName(this.prototype, "ArgumentError");
  }
}
/** Shapes that do not fit together. */
export class ShapeError extends WeftError {
  static {
    setName(this.prototype, "ShapeError");
  }
}
/** A dtype that an operation does not take, or that does not exist here. */
export class DTypeError extends WeftError {
  static {
    setName(this.prototype, "DTypeError");
  }
}
/** An axis or index out of range, or an index of the wrong form. */
export class IndexError extends WeftError {
  static {
    setName(this.prototype, "IndexError");
  }
}
/** A device that is missing, lost, or failed while it ran a program. */
export class DeviceError extends WeftError {
  static {
    setName(this.prototype, "DeviceError");
  }
}
/** A kernel that a device cannot compile. Users never see it: whoever made the kernel makes smaller ones. */
export class RefusedError extends DeviceError {
  static {
    this.prototype.name = "RefusedError";
  }
}
/** The byte budget of a device is spent. */
export class OutOfMemoryError extends WeftError {
  static {
    setName(this.prototype, "OutOfMemoryError");
  }
}
/** The value of a traced array was asked for. */
export class ConcretizationError extends WeftError {
  static {
    setName(this.prototype, "ConcretizationError");
  }
}
/** A traced array outlived the function it belonged to. */
export class EscapedValueError extends WeftError {
  static {
    setName(this.prototype, "EscapedValueError");
  }
}
/** A collective names an axis that nothing binds. */
export class AxisNameError extends WeftError {
  static {
    setName(this.prototype, "AxisNameError");
  }
}
/** A synchronous read of a device that has none. */
export class SyncReadError extends WeftError {
  static {
    setName(this.prototype, "SyncReadError");
  }
}
/** A handle was used after dispose(). */
export class DisposedError extends WeftError {
  static {
    setName(this.prototype, "DisposedError");
  }
}
/** A value that is no tree of arrays, or trees that do not match. */
export class TreeError extends WeftError {
  static {
    setName(this.prototype, "TreeError");
  }
}
/** A derivative that does not exist. */
export class NotDifferentiableError extends WeftError {
  static {
    setName(this.prototype, "NotDifferentiableError");
  }
}
/** A broken invariant inside Weft: please report it. */
export class InternalError extends WeftError {
  static {
    setName(this.prototype, "InternalError");
  }
}
