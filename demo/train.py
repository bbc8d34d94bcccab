"""Trains the demo's models from scratch on the CPU.

    python -m demo.train solver
    python -m demo.train pair_judge

Each is one run in one process. The solver's run leaves two checkpoints, `early` and `late`.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from demo import lessons
from demo.lessons import Lesson
from demo.model import make_model, make_tokenizer, save

MODELS = Path(__file__).parent / "models"
WARM_UP = 100


@dataclass(frozen=True)
class Course:
    """What one model learns: lessons of these kinds, so many in every step, from that step on."""

    plan: tuple[tuple[Callable[[random.Random], Lesson], int, int], ...]
    steps: int
    rate: float
    width: int
    layers: int
    saves: tuple[tuple[str, int], ...]


COURSES = {
    "solver": Course(
        plan=(
            (lessons.solver_lesson, 24, 0),
            (lessons.answer_judge_lesson, 8, 0),
            (lessons.sum_drill, 12, 0),
            (lessons.answer_drill, 6, 0),
        ),
        steps=1200,
        rate=3e-3,
        width=128,
        layers=4,
        saves=(("early", 500), ("late", 1200)),
    ),
    "pair_judge": Course(
        plan=(
            (lessons.pair_solver_lesson, 16, 0),
            (lessons.pair_judge_lesson, 16, 350),
            (lessons.sum_drill, 12, 0),
            (lessons.pair_drill, 8, 0),
        ),
        steps=1000,
        rate=3e-3,
        width=128,
        layers=4,
        saves=(("pair_judge", 1000),),
    ),
}


def batch(tokenizer: PreTrainedTokenizerFast, drawn: list[Lesson]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and a mask of those to be learnt, padded on the right."""
    pieces = [text for lesson in drawn for text, _ in lesson]
    encoded = iter(tokenizer.backend_tokenizer.encode_batch_fast(pieces, add_special_tokens=False))
    rows: list[tuple[list[int], list[bool]]] = []
    for lesson in drawn:
        ids: list[int] = []
        learn: list[bool] = []
        for _, wanted in lesson:
            piece = next(encoded).ids
            ids += piece
            learn += [wanted] * len(piece)
        rows.append((ids, learn))
    width = max(len(ids) for ids, _ in rows)
    pad = tokenizer.pad_token_id
    return (
        torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in rows]),
        torch.tensor([learn + [False] * (width - len(learn)) for _, learn in rows]),
    )


def loss_of(model: LlamaForCausalLM, ids: torch.Tensor, learn: torch.Tensor) -> torch.Tensor:
    """Mean loss over the tokens to be learnt; logits are computed for those alone."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        logits = model.lm_head(hidden[learn[:, 1:]])
    return cross_entropy(logits.float(), ids[:, 1:][learn[:, 1:]])


def optimizers_of(model: LlamaForCausalLM, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, which learns in fewer steps; AdamW for the rest."""
    matrices = [weight for weight in model.model.layers.parameters() if weight.ndim == 2]
    known = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in known]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]


def rate_at(step: int, course: Course) -> float:
    return course.rate * min((step + 1) / WARM_UP, 1.0, (course.steps - step) / course.steps)


def train(course: Course, seed: int, folder: Path) -> None:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = make_tokenizer()
    model = make_model(tokenizer, course.width, course.layers)
    print(f"{model.num_parameters():,} parameters", flush=True)
    optimizers = optimizers_of(model, course.rate)
    tokens = 0
    for step in range(course.steps):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, course)
        losses = []
        for make, count, start in course.plan:
            if step < start:
                continue
            ids, learn = batch(tokenizer, [make(rng) for _ in range(count)])
            loss = loss_of(model, ids, learn)
            loss.backward()
            losses.append(loss.item())
            tokens += ids.numel()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if (step + 1) % 50 == 0:
            shown = " ".join(f"{loss:.3f}" for loss in losses)
            print(f"{step + 1} {shown} {tokens} tokens {time.process_time():.0f} s", flush=True)
        for name, at in course.saves:
            if at == step + 1:
                save(model, tokenizer, folder / name)


def shortened(course: Course, steps: int) -> Course:
    """The same course in fewer steps: to try the machinery, not to learn."""
    saves = tuple((name, max(1, at * steps // course.steps)) for name, at in course.saves)
    plan = tuple((make, count, start * steps // course.steps) for make, count, start in course.plan)
    return replace(course, plan=plan, steps=steps, saves=saves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("course", choices=sorted(COURSES))
    parser.add_argument("--steps", type=int, help="fewer steps than the course has")
    parser.add_argument("--folder", type=Path, default=MODELS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    course = COURSES[options.course]
    if options.steps:
        course = shortened(course, options.steps)
    train(course, options.seed, options.folder)


if __name__ == "__main__":
    main()
