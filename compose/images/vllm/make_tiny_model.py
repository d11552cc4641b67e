"""Makes a chat model of random weights, too small to say anything true, that any vLLM can serve.

usage: make_tiny_model.py OUT [--seed N] [--vocabulary N]

Run it with the Python of a vLLM image; it downloads nothing. OUT is a new or empty directory; every user may
read what it holds afterwards.
"""

from __future__ import annotations

import argparse
import os
import random
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

CONTEXT_TOKENS = 32768
PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
# ChatML, the format of the Qwen2 family
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
WORDS = 4000
SENTENCES = 4000


def invented_text(dice: random.Random) -> list[str]:
    """Return sentences of made-up words: enough repetition for a tokenizer to learn something."""
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
    words = ["".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(WORDS)]
    return [" ".join(dice.choices(words, k=12)) + "." for _ in range(SENTENCES)]


def make_tokenizer(vocabulary: int, dice: random.Random) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer of at most `vocabulary` tokens with the chat template."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(invented_text(dice), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[START],
        model_max_length=CONTEXT_TOKENS,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> Qwen2ForCausalLM:
    """Return a bfloat16 Qwen2 of two layers and about 150 000 random weights."""
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=CONTEXT_TOKENS,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="bfloat16",
    )
    model = Qwen2ForCausalLM(config).to(torch.bfloat16).eval()
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=True
    )
    return model


def save(out: Path, tokenizer: PreTrainedTokenizerFast, model: Qwen2ForCausalLM) -> None:
    """Write both into the directory `out`."""
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    # weights come out as 0600, and the server runs as another user
    for file in out.iterdir():
        file.chmod(0o644)


def main() -> None:
    """Make the model that the arguments describe; an existing OUT that is not empty is an error."""
    parser = argparse.ArgumentParser(description="Make a tiny chat model of random weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vocabulary", type=int, default=1024)
    args = parser.parse_args()
    if args.out.is_dir() and any(args.out.iterdir()):
        parser.error(f"{args.out} is there already and not empty")
    tokenizer = make_tokenizer(args.vocabulary, random.Random(args.seed))  # noqa: S311 - no secret
    save(args.out, tokenizer, make_model(tokenizer, args.seed))


if __name__ == "__main__":
    main()
