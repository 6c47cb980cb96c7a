"""A quick upstream that may be killed: `python -m tests.faults.quick PORT`.

It answers every request a little later, so that many are always under way.
"""

import asyncio
import sys

LATER_S = 0.05
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquick"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what comes on one connection."""
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(LATER_S)
            writer.write(ANSWER)
            await writer.drain()
    except (OSError, EOFError):
        writer.close()


async def main(port: int) -> None:
    """Listen, and say so."""
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
