"""Makes an embedding model of random weights, of the same kind as bge-m3, whose vectors mean nothing.

usage: make_tiny_embeddings.py OUT [--seed N]

Run it with the Python of a vLLM image, make_tiny_model.py beside it; it downloads nothing. It is not beside that one
in the image's build context: there every change of it would build the image anew. OUT is a new or empty directory;
every user may read what it holds afterwards.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from make_tiny_model import invented_text, save
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

VOCABULARY = 1024
CONTEXT_TOKENS = 8192
# Those of XLM-RoBERTa, in its order; its positions are counted from behind the number of the second.
BEGIN, PADDING, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"


def make_tokenizer(dice: random.Random) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer that puts every text between XLM-RoBERTa's marks."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, PADDING, END, UNKNOWN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(invented_text(dice), trainer)
    bpe.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} {END} $B {END}",
        special_tokens=[(mark, bpe.token_to_id(mark)) for mark in (BEGIN, END)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        cls_token=BEGIN,
        sep_token=END,
        model_max_length=CONTEXT_TOKENS,
    )


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> XLMRobertaModel:
    """Return a bfloat16 XLM-RoBERTa of two layers and about 660 000 random weights."""
    torch.manual_seed(seed)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=CONTEXT_TOKENS + tokenizer.pad_token_id + 1,
        type_vocab_size=1,
        # No part of the configuration any more, but vLLM asks for it.
        position_embedding_type="absolute",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="bfloat16",
    )
    return XLMRobertaModel(config, add_pooling_layer=False).to(torch.bfloat16).eval()


def main() -> None:
    """Make the model; an existing OUT that is not empty is an error."""
    parser = argparse.ArgumentParser(description="Make a tiny embedding model of random weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.out.is_dir() and any(args.out.iterdir()):
        parser.error(f"{args.out} is there already and not empty")
    tokenizer = make_tokenizer(random.Random(args.seed))  # noqa: S311 - no secret
    save(args.out, tokenizer, make_model(tokenizer, args.seed))


if __name__ == "__main__":
    main()
