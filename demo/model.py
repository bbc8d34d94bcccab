"""The tokenizer and the model: made from nothing, saved as vLLM and transformers load them."""

import copy
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils import logging

from demo import chat, lessons

logging.disable_progress_bar()

PAD = "<|pad|>"
# More than the corpus has pairs for: every name, item and frequent word becomes one token.
VOCABULARY = 640


def corpus(count: int) -> Iterator[str]:
    rng = random.Random(0)
    for _ in range(count):
        for make in (
            lessons.solver_lesson,
            lessons.answer_judge_lesson,
            lessons.pair_judge_lesson,
        ):
            yield "".join(text for text, _ in make(rng))


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE; every digit is a token of its own, every verdict and marker a single one."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [PAD, chat.END, *chat.ROLES]
    plain = [*chat.MARKERS, *lessons.VERDICTS.values()]
    trainer = BpeTrainer(
        vocab_size=VOCABULARY - len(plain),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(400), trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in plain])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=chat.END,
        chat_template=chat.CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
    )


def make_model(tokenizer: PreTrainedTokenizerFast, width: int, layers: int) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=3 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 32,
        num_key_value_heads=width // 32,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Written aside, then moved, so that a server never loads half a model."""
    aside = folder.with_name(folder.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    half = copy.deepcopy(model).to(torch.bfloat16)
    half.generation_config.do_sample = False
    half.save_pretrained(aside)
    tokenizer.save_pretrained(aside)
    # transformers 5 writes a class name that transformers 4 does not know; both know this one.
    path = aside / "tokenizer_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    for path in aside.iterdir():
        path.chmod(0o644)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def load(folder: Path) -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    if not folder.is_dir():
        # transformers would take the name for a repository and look for it on the network.
        raise FileNotFoundError(folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return model.eval(), tokenizer
