// Words, numbers and elements. Text comes into the page as text only, never as markup.

const two = (number) => String(number).padStart(2, "0");

/** "01:31:05", as the command prints it. */
function clock(seconds) {
  const sign = seconds < 0 ? "-" : "";
  const all = Math.abs(Math.round(seconds));
  return `${sign}${two(Math.floor(all / 3600))}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
}

/** "2 h", "1 h 30 min", "45 s". */
function span(seconds) {
  const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]];
  return parts.filter(([count]) => count > 0).map((part) => part.join(" ")).join(" ") || "0 s";
}

const grouped = (number) => number.toLocaleString("en-US", { maximumFractionDigits: 1 });
const cents = (number) => `$${number.toFixed(2)}`;
const dollars = (number) => `$${number.toFixed(number < 1 ? 4 : 2)}`;
const counted = (count, one, many = `${one}s`) => `${grouped(count)} ${count === 1 ? one : many}`;

/** An element with attributes and what stands in it: elements and texts. */
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** "web: 12", without its namespace. */
const labelOf = (step) => `${step.deployment.replace(/^.*\//, "")}: ${grouped(step.replicas)}`;

function deployed(step) {
  const each = `each asks for ${step.cpu_millicores}m CPU and ${step.memory_mib} MiB, ` +
    `uses ${step.uses_millicores}m`;
  const replicas = `${step.deployment}: ${counted(step.replicas, "replica")}`;
  return step.replicas ? `${replicas}; ${each}` : replicas;
}
