// The error classes users see, one a kind (API.md). They live in ir so that every package throws the same ones.

/** The base of every error Weft throws on purpose. */
export class WeftError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
/** Shapes that do not fit together. */
export class ShapeError extends WeftError {}
/** A dtype that an operation does not take, or that does not exist here. */
export class DTypeError extends WeftError {}
/** An axis or index out of range, or an index of the wrong form. */
export class IndexError extends WeftError {}
/** A device that is missing, lost, or failed while it ran a program. */
export class DeviceError extends WeftError {}
/** The byte budget of a device is spent. */
export class OutOfMemoryError extends WeftError {}
/** The value of a traced array was asked for. */
export class ConcretizationError extends WeftError {}
/** A traced array outlived the function it belonged to. */
export class EscapedValueError extends WeftError {}
/** A collective names an axis that nothing binds. */
export class AxisNameError extends WeftError {}
/** A synchronous read of a device that has none. */
export class SyncReadError extends WeftError {}
/** A handle was used after dispose(). */
export class DisposedError extends WeftError {}
/** A value that is no tree of arrays, or trees that do not match. */
export class TreeError extends WeftError {}
/** A derivative that does not exist. */
export class NotDifferentiableError extends WeftError {}
/** A broken invariant inside Weft: please report it. */
export class InternalError extends WeftError {}
