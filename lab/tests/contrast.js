// Every text that is shown, with the contrast to its ground as WCAG 2 counts it: [[text, ratio], …].
const channels = (color) => {
  const parts = color.match(/[\d.]+/g).map(Number);
  return color.startsWith("color(srgb") ? [...parts.slice(0, 3).map((one) => one * 255),
    parts[3] ?? 1] : [parts[0], parts[1], parts[2], parts[3] ?? 1];
};
const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3]));
const light = (color) => {
  const [r, g, b] = color.slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const groundOf = (element) => {
  const above = [];
  for (let each = element; each; each = each.parentElement) {
    const color = channels(getComputedStyle(each).backgroundColor);
    above.unshift(color);
    if (color[3] === 1) break;
  }
  return above.reduce((ground, color) => over(color, ground), [255, 255, 255]);
};
const calm = document.querySelector("svg .calm");
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const text = walker.currentNode.textContent.trim();
  const box = element.getBoundingClientRect();
  if (!text || !box.width || !box.height || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
  const style = getComputedStyle(element);
  const color = channels(element.closest("svg") ? style.fill : style.color);
  const grounds = [groundOf(element)];
  // A text of the plot may stand on the tint of the calm.
  if (element.closest("svg") && calm) {
    grounds.push(over(channels(getComputedStyle(calm).fill), grounds[0]));
  }
  for (const ground of grounds) {
    const [dark, bright] = [light(over(color, ground)), light(ground)].sort((a, b) => a - b);
    found.push([text, (bright + 0.05) / (dark + 0.05)]);
  }
}
return found;
