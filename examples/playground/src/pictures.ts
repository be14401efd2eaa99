// The picture that programs work on: a drawn one, or the reader's own by choice, drop or paste, and the camera. Pictures
// never leave the page. Owns their size and the camera's stream.
import { drawScene } from "./scene.ts";

/** Pixels of the longer side: large enough to see, small enough for a processor without threads. */
const LONGEST = 640;
const FRAME = 480;

/** The drawn picture. */
export function drawnPicture(): ImageData {
  const { data, width, height } = drawScene();
  return new ImageData(data, width, height);
}

/** A file as pixels. Throws Error with a sentence for people if it is no picture. */
export async function readPicture(file: Blob): Promise<ImageData> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file instanceof File ? file.name : "this"} is no picture that this browser can read`);
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((size) => Math.max(1, Math.round(size * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (context === null) throw new Error("this browser gives no canvas to read the picture with");
  // what is transparent becomes white
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Calls back with every picture that is dropped on the page or pasted into it. */
export function watchPictures(take: (file: Blob) => void, over: (isOver: boolean) => void): void {
  const pictureIn = (data: DataTransfer | null): File | null =>
    [...(data?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
  let depth = 0;
  document.addEventListener("dragenter", (event) => {
    if (hasFiles(event) && ++depth === 1) over(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (hasFiles(event) && --depth === 0) over(false);
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    depth = 0;
    over(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const file = pictureIn(event.dataTransfer);
    if (file !== null) take(file);
  });
  document.addEventListener("paste", (event) => {
    const file = pictureIn(event.clipboardData);
    if (file === null) return;
    event.preventDefault();
    take(file);
  });
}

/** A camera that is on. */
export class Camera {
  private readonly stream: MediaStream;
  private readonly video: HTMLVideoElement;
  private on = true;

  private constructor(stream: MediaStream, video: HTMLVideoElement) {
    this.stream = stream;
    this.video = video;
  }

  /** Switches a camera on and hands its frames over as they are wanted. Throws Error with a sentence for people. */
  static async open(wanted: () => boolean, take: (frame: ImageBitmap) => void): Promise<Camera> {
    if (navigator.mediaDevices === undefined) throw new Error("a camera needs a page served from https or localhost");
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 640 }, facingMode: "environment" },
        audio: false,
      });
    } catch (error) {
      const { name } = error as Error;
      throw new Error(
        name === "NotAllowedError"
          ? "the camera was not allowed"
          : name === "NotFoundError"
            ? "there is no camera"
            : `the camera does not open (${name})`,
        { cause: error },
      );
    }
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await video.play();
    const camera = new Camera(stream, video);
    void camera.loop(wanted, take);
    return camera;
  }

  close(): void {
    this.on = false;
    for (const track of this.stream.getTracks()) track.stop();
    this.video.srcObject = null;
  }

  private async loop(wanted: () => boolean, take: (frame: ImageBitmap) => void): Promise<void> {
    while (this.on) {
      // nothing is drawn, and nothing computed, while the page is hidden
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (!this.on || this.video.videoWidth === 0 || !wanted()) continue;
      take(await createImageBitmap(this.video, { resizeWidth: FRAME, resizeQuality: "low" }));
    }
  }
}
