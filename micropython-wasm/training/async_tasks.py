import asyncio
async def worker(name, delay, results):
    for i in range(6):
        await asyncio.sleep(delay)
        results.append((name, i))
    return name
async def main():
    results = []
    names = await asyncio.gather(worker("a", 0.01, results), worker("b", 0.02, results), worker("c", 0.005, results))
    print(names, len(results), results[0])
    lock = asyncio.Lock()
    async with lock:
        print("locked")
    try:
        await asyncio.wait_for(asyncio.sleep(1), 0.01)
    except asyncio.TimeoutError:
        print("late")
asyncio.run(main())
