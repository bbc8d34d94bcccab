"""What the models are asked: the project's prompts in the chat template that is saved with each model."""

from functools import cache
from pathlib import Path

import jinja2

from snakeval.formats.prompts import Prompt

Message = dict[str, str]

END = "<|end|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
MARKERS = (
    "<|User Prompt|>",
    "<|The Start of Assistant A's Answer|>",
    "<|The End of Assistant A's Answer|>",
    "<|The Start of Assistant B's Answer|>",
    "<|The End of Assistant B's Answer|>",
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
PROMPTS = Path(__file__).resolve().parents[1] / "config" / "prompts"


@cache
def prompt(name: str) -> Prompt:
    """A prompt of the workflow, rendered by the workflow's own code."""
    return Prompt(PROMPTS / f"demo_{name}.jinja")


@cache
def chat_template() -> jinja2.Template:
    return jinja2.Environment().from_string(CHAT_TEMPLATE)


def chat(messages: list[Message]) -> str:
    """The prompt as the server's chat template makes it."""
    return chat_template().render(messages=messages, add_generation_prompt=True)


def solve_messages(problem: str) -> list[Message]:
    return [{"role": "user", "content": prompt("solve").render({"problem": problem})}]


def answer_messages(problem: str, reference: str, answer: str) -> list[Message]:
    values = {"problem": problem, "reference": reference, "answer": answer}
    content = prompt("answer_judge").render(values)
    return [{"role": "user", "content": content}]


def pair_messages(question: str, answer_a: str, answer_b: str) -> list[Message]:
    values = {"question": question, "answer_a": answer_a, "answer_b": answer_b}
    return [
        {"role": "system", "content": prompt("pair_system").render({})},
        {"role": "user", "content": prompt("pair").render(values)},
    ]
