// yoga-layout: C++ classes by embind, which calls back into JavaScript to measure.
import Yoga, { Align, Direction, Edge, FlexDirection } from "yoga-layout";

export function run({ print }) {
  const root = Yoga.Node.create();
  root.setFlexDirection(FlexDirection.Row);
  root.setPadding(Edge.All, 10);
  for (let i = 0; i < 6; i++) {
    const node = Yoga.Node.create();
    node.setFlexGrow(i % 3);
    node.setMinWidth(13.3 * i);
    node.setAlignSelf(i % 2 ? Align.Center : Align.Stretch);
    node.setMargin(Edge.Left, i);
    node.setMeasureFunc((width) => ({ width: Math.min(width, 20 + i), height: 33.5 }));
    root.insertChild(node, i);
  }
  root.calculateLayout(500, 300, Direction.LTR);
  for (let i = 0; i < 6; i++) print(JSON.stringify(root.getChild(i).getComputedLayout()));
  root.freeRecursive();
  try {
    root.calculateLayout(1, 1, Direction.LTR);
    print("no error");
  } catch (error) {
    print(error.name);
  }
}
