// Pictures in and out: a drawn one where none is given, photographs through sharp, PNG bytes for the report.
import sharp from "sharp";
import { UsageError } from "./options.ts";

/** A grey picture, values 0 to 1, row-major. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
}

/** A test picture with edges, fine texture and soft slopes: a sun, hills, stripes, a checkerboard and rings. */
export function drawPicture(height: number, width: number): Picture {
  const pixels = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      let value = 0.85 - 0.45 * v;
      if (Math.hypot((u - 0.76) * (width / height), v - 0.26) < 0.13) value = 1;
      const hill = 0.62 + 0.1 * Math.sin(u * 9) + 0.05 * Math.sin(u * 23 + 1);
      if (v > hill) value = 0.32 + 0.25 * (v - hill) + 0.05 * Math.sin(u * 160 + v * 90);
      if (u < 0.3 && v < 0.4) value = Math.floor(x / 6) % 2 === 0 ? 0.95 : 0.1;
      if (u < 0.22 && v > 0.72) value = (Math.floor(x / 9) + Math.floor(y / 9)) % 2 === 0 ? 0.9 : 0.15;
      const ring = Math.hypot((u - 0.52) * (width / height), v - 0.8);
      if (ring < 0.16) value = 0.5 + 0.5 * Math.cos(900 * ring * ring);
      pixels[y * width + x] = Math.min(Math.max(value, 0), 1);
    }
  }
  return { height, width, pixels };
}

/** Reads a PNG or JPEG as grey. Throws UsageError naming the file if it is none. */
export async function readPicture(file: string): Promise<Picture> {
  try {
    const { data, info } = await sharp(file)
      .rotate()
      .flatten({ background: "#fff" })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = Float32Array.from({ length: info.width * info.height }, (_, i) => data[i * info.channels] / 255);
    return { height: info.height, width: info.width, pixels };
  } catch (error) {
    throw new UsageError(
      `--image: ${file} is no picture that can be read (${(error as Error).message.split("\n")[0]})`,
    );
  }
}

/** A data URL of the picture as PNG, for the report. */
export async function toDataUrl({ height, width, pixels }: Picture): Promise<string> {
  const bytes = Uint8Array.from(pixels, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
  const png = await sharp(bytes, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
}
