/** Pictures: a frame and the mask over it. */

/** Decodes a picture as the service sends it. Its maker closes the bitmaps. */
export async function decode(message) {
  const [frame, mask] = await Promise.all([
    bitmap(message.jpeg, "image/jpeg"),
    bitmap(message.mask, "image/png"),
  ]);
  return { frame, mask, outlines: null };
}

function bitmap(base64, type) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  // The mask's colours are names of classes: no profile may change them.
  return createImageBitmap(new Blob([bytes], { type }), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}

/** Draws a picture on a canvas, which gets its size. */
export function draw(canvas, picture, opacity, withOutlines) {
  const { frame, mask } = picture;
  if (canvas.width !== mask.width || canvas.height !== mask.height) {
    canvas.width = mask.width;
    canvas.height = mask.height;
  }
  const context = canvas.getContext("2d", { alpha: false });
  context.imageSmoothingEnabled = false;
  context.globalAlpha = 1;
  context.drawImage(frame, 0, 0, mask.width, mask.height);
  context.globalAlpha = opacity;
  context.drawImage(mask, 0, 0);
  context.globalAlpha = 1;
  if (withOutlines) {
    picture.outlines ??= outlines(mask);
    context.drawImage(picture.outlines, 0, 0);
  }
}

/** Frees a picture's memory. */
export function close(picture) {
  picture.frame.close();
  picture.mask.close();
  picture.outlines?.close();
}

/** Where classes meet, in their full colours. */
function outlines(mask) {
  const { width, height } = mask;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(mask, 0, 0);
  const image = context.getImageData(0, 0, width, height);
  const colours = new Uint32Array(image.data.buffer);
  const drawn = new Uint32Array(colours.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      for (const next of [x + 1 < width ? at + 1 : at, y + 1 < height ? at + width : at]) {
        if (colours[at] !== colours[next]) {
          drawn[at] = colours[at];
          drawn[next] = colours[next];
        }
      }
    }
  }
  colours.set(drawn);
  context.putImageData(image, 0, 0);
  return canvas.transferToImageBitmap();
}
