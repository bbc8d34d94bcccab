"""Replies of a demo model that an OpenAI-compatible server serves under its folder's name."""

import asyncio

import aiohttp

from demo.chat import Message

CONCURRENT = 64


class Served:
    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.address = f"{url.rstrip('/')}/v1/chat/completions"

    def replies(
        self, prompts: list[list[Message]], *, temperature: float = 0.0, longest: int = 120
    ) -> list[str]:
        """One reply a prompt, each with a seed of its own."""
        return asyncio.run(self._all(prompts, temperature, longest))

    async def _all(self, prompts: list[list[Message]], temperature: float, longest: int) -> list[str]:
        # A server that closes idle connections drops requests sent meanwhile: a new one for each.
        connector = aiohttp.TCPConnector(limit=CONCURRENT, force_close=True)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            asked = [
                self._one(
                    session, messages, {"temperature": temperature, "max_tokens": longest, "seed": seed}
                )
                for seed, messages in enumerate(prompts)
            ]
            return await asyncio.gather(*asked)

    async def _one(
        self, session: aiohttp.ClientSession, messages: list[Message], sampling: dict[str, float]
    ) -> str:
        body = {"model": self.name, "messages": messages, **sampling}
        async with session.post(self.address, json=body) as response:
            if response.status != 200:
                raise RuntimeError(f"{self.address}: {response.status}: {await response.text()}")
            choice = (await response.json())["choices"][0]
        if choice["finish_reason"] not in ("stop", "length"):
            raise RuntimeError(f"{self.address}: finished with {choice['finish_reason']}")
        return str(choice["message"]["content"])
