// Conway's Life on a torus, in AssemblyScript. `next` counts what lives after some generations.

const SIDE = 32;
let cells = new StaticArray<u8>(SIDE * SIDE);

@external("env", "report")
declare function report(generation: i32, alive: i32): void;

export function seed(a: u32): void {
  for (let i = 0; i < SIDE * SIDE; i++) {
    a = a * 1664525 + 1013904223;
    cells[i] = <u8>(a >> 31);
  }
}

function neighbours(x: i32, y: i32): i32 {
  let sum = 0;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      if (dx != 0 || dy != 0) sum += cells[((y + dy) & (SIDE - 1)) * SIDE + ((x + dx) & (SIDE - 1))];
    }
  }
  return sum;
}

export function next(generations: i32): i32 {
  let alive = 0;
  for (let g = 1; g <= generations; g++) {
    const after = new StaticArray<u8>(SIDE * SIDE);
    alive = 0;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const sum = neighbours(x, y);
        const lives = sum == 3 || (sum == 2 && cells[y * SIDE + x] == 1);
        after[y * SIDE + x] = lives ? 1 : 0;
        if (lives) alive++;
      }
    }
    cells = after;
    if (g % 5 == 0) report(g, alive);
  }
  return alive;
}
