class Node:
    __slots__ = ("key", "left", "right", "height")
    def __init__(self, key):
        self.key = key
        self.left = self.right = None
        self.height = 1

def height(node):
    return node.height if node else 0

def rotate(node, right):
    if right:
        top = node.left
        node.left, top.right = top.right, node
    else:
        top = node.right
        node.right, top.left = top.left, node
    for n in (node, top):
        n.height = 1 + max(height(n.left), height(n.right))
    return top

def insert(node, key):
    if node is None:
        return Node(key)
    if key < node.key:
        node.left = insert(node.left, key)
    elif key > node.key:
        node.right = insert(node.right, key)
    else:
        return node
    node.height = 1 + max(height(node.left), height(node.right))
    balance = height(node.left) - height(node.right)
    if balance > 1:
        if key > node.left.key:
            node.left = rotate(node.left, False)
        return rotate(node, True)
    if balance < -1:
        if key < node.right.key:
            node.right = rotate(node.right, True)
        return rotate(node, False)
    return node

def walk(node):
    if node is not None:
        yield from walk(node.left)
        yield node.key
        yield from walk(node.right)

root = None
for i in range(160):
    root = insert(root, i * 37 % 211)
keys = list(walk(root))
print(len(keys), height(root), keys == sorted(keys), keys[:5])

stack, queue = [], []
for k in keys:
    stack.append(k)
    queue.insert(0, k)
while stack and queue:
    assert stack.pop() == queue.pop(0)
print(len(stack), len(queue))
