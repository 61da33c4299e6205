from collections import deque
import heapq

WIDTH, HEIGHT = 16, 12
walls = {(x, y) for x in range(WIDTH) for y in range(HEIGHT) if (x * 5 + y * 3) % 7 == 0 and (x, y) != (0, 0)}

def neighbours(x, y):
    for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        nx, ny = x + dx, y + dy
        if 0 <= nx < WIDTH and 0 <= ny < HEIGHT and (nx, ny) not in walls:
            yield nx, ny

def breadth_first(start):
    seen = {start: 0}
    queue = deque([start], 1000)
    while queue:
        place = queue.popleft()
        for other in neighbours(*place):
            if other not in seen:
                seen[other] = seen[place] + 1
                queue.append(other)
    return seen

def dijkstra(start):
    best, heap = {start: 0}, [(0, start)]
    while heap:
        cost, place = heapq.heappop(heap)
        if cost > best[place]:
            continue
        for other in neighbours(*place):
            new = cost + 1 + (other[0] ^ other[1]) % 4
            if new < best.get(other, 1 << 30):
                best[other] = new
                heapq.heappush(heap, (new, other))
    return best

near = breadth_first((0, 0))
cheap = dijkstra((0, 0))
print(len(near), max(near.values()), len(cheap), max(cheap.values()))
for y in range(3):
    print("".join("#" if (x, y) in walls else str(near.get((x, y), 0) % 10) for x in range(WIDTH)))
