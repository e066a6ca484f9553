"""The kinds of tokenizers that are compared: each is a directory of files, made of texts."""

import io
import json
import os
import tempfile

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def template(cls, sep, ids, second=1, middle=1):
    """[CLS] a [SEP] b [SEP], with so many separators in the middle, b of that type."""
    return processors.TemplateProcessing(
        single=f"{cls}:0 $A:0 {sep}:0",
        pair=f"{cls}:0 $A:0" + f" {sep}:0" * middle + f" $B:{second} {sep}:{second}",
        special_tokens=[(cls, ids(cls)), (sep, ids(sep))],
    )


def trained(tok, trainer, texts):
    tok.train_from_iterator(texts, trainer)
    return tok


def wordpiece(texts, size, normalizer, pre, special=BERT, **options):
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]", **options))
    tok.normalizer, tok.pre_tokenizer = normalizer, pre
    trained(tok, trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, limit_alphabet=150, show_progress=False), texts)
    tok.post_processor = template("[CLS]", "[SEP]", tok.token_to_id)
    return tok


def byte_level(texts, size, special=ROBERTA, prefix=False, normalizer=None, pre=None):
    tok = Tokenizer(models.BPE())
    if normalizer:
        tok.normalizer = normalizer
    tok.pre_tokenizer = pre or pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tok.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return trained(tok, trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False), texts)


def roberta(tok, prefix=False):
    ids = tok.token_to_id
    tok.post_processor = processors.RobertaProcessing(("</s>", ids("</s>")), ("<s>", ids("<s>")), trim_offsets=True, add_prefix_space=prefix)
    tok.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    return tok


# SentencePiece's own rules make a table of 240 kB; these are a few of them: what becomes of these characters.
RULES = "".join(f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in [
    ("\t", " "), ("\n", " "), ("\r", " "), ("\u3000", " "), ("\u00a0", " "), ("\u200b", " "), ("ｆ", "f"), ("ｕ", "u"), ("ｌ", "l"), ("ﬁ", "fi"), ("ﬃ", "ffi"), ("㎏", "kg"),
    ("½", "1⁄2"), ("²", "2"), ("e\u0301", "é"), ("E\u0301", "É"), ("\u1100\u1161\u11a8", "각"), ("\ufeff", ""), ("\x07", "")])


def sentencepiece_model(texts, size, kind="unigram", **options):
    """The bytes of a model that SentencePiece trains, with its table of characters."""
    out = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        rules.write(RULES)
        rules.flush()
        return train(out, texts, size, kind, normalization_rule_tsv=rules.name, **options)


def train(out, texts, size, kind, **options):
    texts = [t for t in texts if all(c < "\u0180" and c.isprintable() for c in t)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=out, vocab_size=size, model_type=kind, minloglevel=2,
        hard_vocab_limit=False, character_coverage=0.999, **options)
    return out.getvalue()


def unigram(model, normalizer, pre, special=ROBERTA, byte_fallback=False):
    proto = sentencepiece.SentencePieceProcessor(model_proto=model)
    pieces = [(proto.id_to_piece(i), proto.get_score(i)) for i in range(3, proto.get_piece_size())]
    vocab = [(t, 0.0) for t in special[:4]] + pieces + [(special[4], 0.0)]
    if byte_fallback:
        vocab += [(f"<0x{b:02X}>", -20.0) for b in range(256)]
    tok = Tokenizer(models.Unigram(vocab, unk_id=3, byte_fallback=byte_fallback))
    if normalizer:
        tok.normalizer = normalizer
    tok.pre_tokenizer = pre
    tok.add_special_tokens([AddedToken(t, special=True, lstrip=t == special[4]) for t in special])
    tok.post_processor = template(special[0], special[2], tok.token_to_id, 0, 2)
    return tok


def charsmap(model):
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    return proto.normalizer_spec.precompiled_charsmap


def joined_characters(texts, size, pre, special=BERT, marks={}, **options):
    """BPE over characters, with marks of what goes on with a word or ends one."""
    tok = Tokenizer(models.BPE(unk_token="[UNK]", **marks, **options))
    tok.pre_tokenizer = pre
    trained(tok, trainers.BpeTrainer(vocab_size=size, special_tokens=special, limit_alphabet=150, show_progress=False, **marks), texts)
    tok.post_processor = processors.BertProcessing(("[SEP]", tok.token_to_id("[SEP]")), ("[CLS]", tok.token_to_id("[CLS]")))
    return tok


GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def whole(texts, size):
    """Kinds that a tokenizer.json says by itself: name and tokenizer."""
    N, P = normalizers, pre_tokenizers
    bert_norm, bert_pre = N.BertNormalizer(), P.BertPreTokenizer()
    yield "bert", wordpiece(texts, size, bert_norm, bert_pre)
    yield "nfd-lower-strip", wordpiece(texts, size, N.Sequence([N.NFD(), N.Lowercase(), N.StripAccents()]), P.Whitespace())
    yield "nfkc-nmt", wordpiece(texts, size, N.Sequence([N.Nmt(), N.NFKC(), N.Lowercase()]), P.Sequence([P.WhitespaceSplit(), P.Digits(True)]))
    yield "nfkd-strip", wordpiece(texts, size, N.Sequence([N.Strip(), N.Sequence([N.NFKD(), N.StripAccents()])]), P.Sequence([P.Whitespace(), P.Digits(False)]))
    yield "prepend-replace", wordpiece(texts, size, N.Sequence([N.Prepend("x"), N.Replace("a", "ä"), N.Replace(Regex(r"\s+"), " "), N.NFC()]), P.CharDelimiterSplit(" "))
    for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
        yield "punctuation-" + behavior, wordpiece(texts, size, N.NFC(), P.Sequence([P.WhitespaceSplit(), P.Punctuation(behavior)]))
        yield "split-" + behavior, wordpiece(texts, size, N.Lowercase(), P.Sequence([P.Split(Regex(r"\w+|\d"), behavior), P.Split(" ", behavior), P.Split(Regex(r"[^\S ]|\p{P}"), behavior, invert=True)]))
    yield "roberta", roberta(byte_level(texts, size))
    yield "roberta-prefix", roberta(byte_level(texts, size, prefix=True), True)
    runs = byte_level(texts, size, ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], normalizer=N.NFC())
    runs.add_tokens([AddedToken(" " * n, normalized=True, special=False) for n in range(24, 1, -1)] + [AddedToken("|||IP_ADDRESS|||", normalized=True)])
    runs.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
    runs.post_processor = template("[CLS]", "[SEP]", runs.token_to_id, 0)
    yield "modernbert", runs
    split = byte_level(texts, size, pre=P.Sequence([P.Split(Regex(GPT4), "isolated"), P.ByteLevel(add_prefix_space=False, use_regex=False)]))
    split.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template("<s>", "</s>", split.token_to_id)])
    yield "gpt4-split", split
    model = sentencepiece_model(texts, size)
    table = N.Precompiled(charsmap(model))
    yield "xlm-roberta", unigram(model, table, P.Sequence([P.WhitespaceSplit(), P.Metaspace()]))
    yield "unigram-older", unigram(model, N.Sequence([table, N.Strip(left=False), N.Replace(Regex(" {2,}"), "▁")]), P.Metaspace())
    yield "unigram-first", unigram(model, N.Sequence([N.Strip(right=False), table]), P.Metaspace(prepend_scheme="first"))
    yield "unigram-never", unigram(model, None, P.Sequence([P.Punctuation(), P.Metaspace(prepend_scheme="never", split=False)]))
    yield "unigram-bytes", unigram(model, table, P.Metaspace(), byte_fallback=True)
    yield "bpe-suffix", joined_characters(texts, size, P.BertPreTokenizer(), marks={"end_of_word_suffix": "</w>"})
    yield "bpe-prefix", joined_characters(texts, size, P.Whitespace(), marks={"continuing_subword_prefix": "##"})
    yield "bpe-fused", joined_characters(texts, size, P.Metaspace(), fuse_unk=True, ignore_merges=True)
    bytes_too = joined_characters(texts, size + 256, P.Metaspace(prepend_scheme="first"), special=BERT + [f"<0x{b:02X}>" for b in range(256)], byte_fallback=True)
    yield "bpe-bytes", bytes_too


def directories(texts, size):
    """Kinds of directories, by what transformers makes of them: name and files."""
    config = lambda kind, **more: json.dumps({"model_type": kind, **more})
    settings = lambda **keys: json.dumps(keys)
    lines = lambda pieces: "\n".join(pieces) + "\n"
    bert = wordpiece(texts, size, normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer())
    pieces = sorted(bert.get_vocab(), key=bert.get_vocab().get)
    yield "vocab.txt", {"vocab.txt": lines(pieces), "config.json": config("bert")}
    yield "cased", {"vocab.txt": lines(pieces), "tokenizer_config.json": settings(do_lower_case=False, tokenizer_class="BertTokenizerFast"), "config.json": config("bert")}
    yield "distilbert", {"vocab.txt": lines(pieces), "config.json": config("distilbert"), "tokenizer_config.json": settings(strip_accents=False)}
    yield "electra", {"vocab.txt": lines(pieces), "tokenizer_config.json": settings(tokenizer_class="ElectraTokenizer", tokenize_chinese_chars=False), "config.json": config("electra")}
    twice = pieces + [pieces[7], "", pieces[9], ""]
    yield "repeated", {"vocab.txt": lines(twice), "config.json": config("bert")}
    n = len(pieces)
    yield "added_tokens.json", {
        "vocab.txt": lines(pieces), "config.json": config("bert"), "added_tokens.json": json.dumps({"[E1]": n, "newword": n + 1, "[E2]": n + 2}),
        "special_tokens_map.json": settings(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token={"content": "[MASK]", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}, additional_special_tokens=["[E1]"]),
        "tokenizer_config.json": settings(tokenizer_class="BertTokenizer")}
    yield "additional", {"vocab.txt": lines(pieces[:-2] + ["[E1]", "[E2]"]), "config.json": config("bert", tokenizer_class="BertTokenizer"), "tokenizer_config.json": settings(additional_special_tokens=["[E1]", "[E3]"])}
    yield "extra", {"vocab.txt": lines(pieces[:-2] + ["[E1]", "[E2]"]), "config.json": config("bert"), "tokenizer_config.json": settings(extra_special_tokens=["[E2]", "[E3]"])}
    yield "named", {"vocab.txt": lines(pieces), "config.json": config("bert"), "tokenizer_config.json": settings(extra_special_tokens={"question_token": "[Q]"}, answer_token="[E1]", tokenizer_class="BertTokenizer")}
    decoder = {str(i): {"content": t, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": True} for i, t in enumerate(BERT)}
    decoder[str(n)] = {"content": "newword", "lstrip": False, "rstrip": True, "normalized": True, "single_word": True, "special": False}
    yield "added_tokens_decoder", {"vocab.txt": lines(pieces), "config.json": config("bert"), "tokenizer_config.json": settings(tokenizer_class="BertTokenizer", added_tokens_decoder=decoder)}
    mpnet = ["<s>", "<pad>", "</s>", "<unk>"] + pieces + ["<mask>"]
    yield "mpnet", {"vocab.txt": lines(mpnet), "config.json": config("mpnet")}
    rob = byte_level(texts, size)
    model = json.loads(rob.to_str())["model"]
    merges = lines(["#version: 0.2"] + [" ".join(m) if isinstance(m, list) else m for m in model["merges"]])
    yield "roberta-merges", {"vocab.json": json.dumps(model["vocab"]), "merges.txt": merges, "config.json": config("roberta")}
    yield "roberta-prefix-merges", {"vocab.json": json.dumps(model["vocab"]), "merges.txt": merges, "config.json": config("roberta"), "tokenizer_config.json": settings(add_prefix_space=True, tokenizer_class="RobertaTokenizer")}
    gpt = json.loads(byte_level(texts, size, ["<|endoftext|>"]).to_str())["model"]
    merges = lines(["#version: 0.2"] + [" ".join(m) if isinstance(m, list) else m for m in gpt["merges"]])
    yield "gpt2-merges", {"vocab.json": json.dumps(gpt["vocab"]), "merges.txt": merges, "config.json": config("roberta")}
    deb = json.loads(byte_level(texts, size, ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]).to_str())["model"]
    merges = lines(["#version: 0.2"] + [" ".join(m) if isinstance(m, list) else m for m in deb["merges"]])
    yield "deberta-merges", {"vocab.json": json.dumps(deb["vocab"]), "merges.txt": merges, "config.json": config("deberta")}
    spm = sentencepiece_model(texts, size)
    yield "xlm-roberta-spm", {"sentencepiece.bpe.model": spm, "config.json": config("xlm-roberta")}
    yield "camembert-spm", {"sentencepiece.bpe.model": spm, "config.json": config("camembert")}
    spm = sentencepiece_model(texts, size, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]", user_defined_symbols=["user"])
    yield "deberta-v2-spm", {"spm.model": spm, "config.json": config("deberta-v2")}
    yield "deberta-v2-punct-spm", {"spm.model": spm, "config.json": config("deberta-v2"), "tokenizer_config.json": settings(split_by_punct=True, do_lower_case=True)}


def odd_files(texts, size):
    """tokenizer.json as it may be found: with ids that no piece has, or that two have, and a piece twice."""
    bert = wordpiece(texts, size, normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer())
    bert.add_tokens(["newword", AddedToken("[E1]", special=True)])
    whole = json.loads(bert.to_str())
    pieces = [p for p in whole["model"]["vocab"] if p not in BERT]
    for token in whole["added_tokens"]:
        token["id"] += 40  # which the reference does not read
    vocab = dict(whole["model"]["vocab"])
    for p in pieces[3:6]:
        del vocab[p]
    yield "hole", {"tokenizer.json": json.dumps({**whole, "model": {**whole["model"], "vocab": vocab}})}
    vocab = {**whole["model"]["vocab"], pieces[10]: whole["model"]["vocab"][pieces[11]]}
    yield "shared-id", {"tokenizer.json": json.dumps({**whole, "model": {**whole["model"], "vocab": vocab}})}
    text = json.dumps(whole)
    yield "twice", {"tokenizer.json": text.replace('"vocab": {', '"vocab": {' + json.dumps(pieces[20]) + ": 3, ")}
    del whole["model"]["type"]
    yield "no-type", {"tokenizer.json": json.dumps(whole)}


def write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
