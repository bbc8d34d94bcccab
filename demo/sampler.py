"""Batched sampling from one of the demo's models, in this process."""

from pathlib import Path

import torch

from demo.chat import Message, chat
from demo.model import load

BATCH = 128


class Sampler:
    def __init__(self, folder: Path) -> None:
        self.model, self.tokenizer = load(folder)
        self.tokenizer.padding_side = "left"

    def replies(
        self, prompts: list[list[Message]], *, temperature: float = 0.0, longest: int = 120
    ) -> list[str]:
        """One reply a prompt; greedy where the temperature is 0."""
        texts = [chat(messages) for messages in prompts]
        # Neighbours of like length leave little padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found = [""] * len(texts)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = [texts[i] for i in chosen]
            for i, reply in zip(chosen, self._generate(batch, temperature, longest), strict=True):
                found[i] = reply
        return found

    def _generate(self, texts: list[str], temperature: float, longest: int) -> list[str]:
        inputs = self.tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        with torch.inference_mode():
            outputs = self.model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=longest,
                **(sampling if temperature else {"do_sample": False}),
            )
        new = outputs[:, inputs["input_ids"].shape[1] :]
        decoded: list[str] = self.tokenizer.batch_decode(new, skip_special_tokens=True)
        return decoded
