"""Answers questions {text, vocabularySize}, one line of JSON each, with the milliseconds that the library `tokenizers` takes to learn from the text and to encode it."""

import json
import sys
import time

import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

for line in sys.stdin:
    question = json.loads(line)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(GPT2), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    trainer = trainers.BpeTrainer(
        vocab_size=question["vocabularySize"], min_frequency=2, special_tokens=["<|endoftext|>", "<|pad|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    start = time.perf_counter()
    # In pieces, as Descent reads it; a whole text at once would only be slower.
    text = question["text"]
    tokenizer.train_from_iterator((text[at : at + 2**20] for at in range(0, len(text), 2**20)), trainer)
    trained = time.perf_counter()
    tokens = len(tokenizer.encode(text).ids)
    print(json.dumps({"train": 1000 * (trained - start), "encode": 1000 * (time.perf_counter() - trained), "tokens": tokens, "version": tokenizers.__version__}), flush=True)
