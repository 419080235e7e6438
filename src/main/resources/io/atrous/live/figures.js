/** Figures of the service, in words. */

const DECIMAL = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const UNKNOWN = "–";

export function number(value) {
  return DECIMAL.format(value);
}

export function percent(fraction) {
  return (fraction > 0 && fraction < 0.005 ? "<1" : WHOLE.format(fraction * 100)) + " %";
}

export function millis(value) {
  return value === null ? UNKNOWN : WHOLE.format(value) + " ms";
}

/** Shows the figures of the whole service. */
export function showFigures({ frames, lagSeconds, deadLetters }, model) {
  set("frames-per-second", number(frames.framesPerSecond));
  set("latency", millis(frames.latencyMillis));
  set("lag", lagSeconds === null ? UNKNOWN : number(lagSeconds) + " s");
  const most = model === null ? 0 : model.maxBatchFrames;
  set(
    "batch",
    frames.batchFrames === null || most === 0 ? UNKNOWN : percent(frames.batchFrames / most),
    frames.batchFrames === null || most === 0 ? "" : ` ${number(frames.batchFrames)} of ${most}`);
  const reasons = Object.entries(deadLetters);
  set("dead-letters", WHOLE.format(reasons.reduce((sum, [, count]) => sum + count, 0)));
  const list = document.getElementById("reasons");
  list.hidden = reasons.length === 0;
  list.replaceChildren(
    ...reasons.map(([reason, count]) => item(`${reason.toLowerCase().replaceAll("_", " ")}: ${WHOLE.format(count)}`)));
}

/** Shows the model and its classes. */
export function showModel(model) {
  set("model", `${model.name} ${model.version} in ${model.precision} on ${model.devices}`);
  set("digest", model.sha256);
  document.getElementById("legend").replaceChildren(
    ...model.classes.map(({ name, colour }) => {
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.backgroundColor = colour;
      const entry = item(name);
      entry.prepend(swatch);
      return entry;
    }));
}

function item(text) {
  const entry = document.createElement("li");
  entry.textContent = text;
  return entry;
}

function set(id, text, detail = "") {
  const element = document.getElementById(id);
  element.textContent = text;
  if (detail) {
    const small = document.createElement("small");
    small.textContent = detail;
    element.append(small);
  }
}
