// Linear memory as a picture: a square for each page of 4 KiB, in rows of 64.

const COLUMNS = 64;
const SIZE = 6;

export function drawMemory(canvas: HTMLCanvasElement, pages: Uint8Array): void {
  const styles = getComputedStyle(document.documentElement);
  const probe = document.createElement("span");
  document.body.append(probe);
  const colourOf = (name: string): string => {
    probe.style.color = styles.getPropertyValue(name);
    return getComputedStyle(probe).color;
  };
  const colours = [colourOf("--panel"), colourOf("--used"), colourOf("--changed")];
  probe.remove();
  canvas.width = COLUMNS * SIZE;
  canvas.height = Math.ceil(pages.length / COLUMNS) * SIZE;
  const context = canvas.getContext("2d")!;
  pages.forEach((state, page) => {
    context.fillStyle = colours[state]!;
    context.fillRect((page % COLUMNS) * SIZE, Math.floor(page / COLUMNS) * SIZE, SIZE - 1, SIZE - 1);
  });
}

export function describeMemory(pages: Uint8Array): string {
  const count = (state: number): number => pages.reduce((sum, each) => sum + (each === state ? 1 : 0), 0);
  return `${count(1) + count(2)} of ${pages.length} pages in use, ${count(2)} changed`;
}
