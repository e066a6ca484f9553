"""Makes what data/tokenizer's tests compare with, by Hugging Face's tokenizers and transformers.

    python -m venv V && V/bin/pip install -r internal/oracles/requirements.txt
    V/bin/python make.py                      write ../kinds.json.gz
    V/bin/python make.py --check              compare the ids that are there, write nothing: vocabularies that are
                                              learned anew may differ where counts are equal
    V/bin/python make.py --large OUT [DATA [KIND ...]]
                                              write OUT, for the test with POWERBERT_PYTHON: larger vocabularies, 10,000
                                              odd strings and, of DATA, every real text; of those kinds alone
    V/bin/python make.py --read OUT           write OUT/read.json: what transformers makes of the fixture's texts, and of
                                              a pair, with the tokenizer of each directory in OUT
"""

import array
import base64
import glob
import gzip
import hashlib
import json
import os
import random
import sys
import tempfile

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

from tokenizers import Tokenizer  # noqa: E402

import kinds  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURE = os.path.join(HERE, "..", "kinds.json.gz")
# Strings about what the kinds differ in.
ODD = [
    "", " ", "  ", "\n", " a", "a ", "  a  b  ", "a\tb\n", "\r\n", "a\n\nb", "don't we'll I'M they'VE it's 'S", "x" * 300, "1234567890", "3.14 and 2,005", "½ ² Ⅷ ١٢٣",
    "<s>", "</s>", "a <mask> b", "a<mask>b", " <mask>", "[MASK]", "a [MASK] b", "[E1] x", "the [E1]film[E2] [E3]", "newword", "newwords a newword  b", "[Q] a", "user x user", "<unk>", "<pad>x",
    "▁", "▁▁a", "a▁b", "   twelve            spaces", "|||IP_ADDRESS|||", "é e\u0301 E\u0301", "ﬁ ﬃ ㎏ ｆｕｌｌ　ｗｉｄｔｈ", "İstanbul ıI", "ẞß ſ", "漢字 かな 한국어 \u1100\u1161\u11a8", "👨‍👩‍👧 🇩🇪 1️⃣", "\u200b\u200d\ufeff", "a\u00a0b\u2028c\u3000d", "\x00a\x07b\x7f",
    "\u0301a", "a" + "\u0301" * 40, "हिन्दी ไทย", "\U0001e5d0\U00010d4a\u1c89 \U000116d0", "«quoted» “like” 'this'", "e.g. U.S.A. (a-b_c)", "https://x.org/?a=1&b=2#c",
]


def odd_strings(count, seed):
    """The fixed strings and others: of the fixtures made by make.js, as they are, joined and broken."""
    with gzip.open(os.path.join(HERE, "..", "strings.json.gz"), "rt", encoding="utf-8") as f:
        base = json.load(f)["texts"]
    r = random.Random(seed)
    out = dict.fromkeys(ODD)
    while len(out) < count:
        text = r.choice(base)
        if r.random() < 0.5:
            text += r.choice(["", " ", "  ", "\n", "'s", "▁"]) + r.choice(base)
        if r.random() < 0.3:
            at = r.randrange(len(text) + 1)
            text = text[:at] + chr(r.choice([r.randrange(32, 0x250), r.randrange(0x250, 0xD800), r.randrange(0xE000, 0x20000)])) + text[at:]
        out[text[:400]] = None
    return list(out)


def learned(texts):
    """What vocabularies are learned from: strings with more than one letter in a row, but for the token that is new."""
    return [t for t in texts if any(a.isalpha() and b.isalpha() for a, b in zip(t, t[1:])) and "newword" not in t]


class Reference:
    """One directory as the reference reads it: the tokenizers library what is in a tokenizer.json, transformers the rest."""

    def __init__(self, folder, files):
        kinds.write(folder, files)
        if list(files) == ["tokenizer.json"]:
            self.tok = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        else:
            from transformers import AutoTokenizer

            self.tok = AutoTokenizer.from_pretrained(folder)._tokenizer
        self.tok.no_padding()

    def encode(self, texts, length=0):
        if length:
            self.tok.enable_truncation(length)
        else:
            self.tok.no_truncation()
        if isinstance(texts[0], str):
            return self.tok.encode_batch_fast(texts)
        return self.tok.encode_batch(texts)  # the fast one forgets the types of the second text


def all_kinds(texts, size):
    for name, tok in kinds.whole(texts, size):
        yield name, {"tokenizer.json": tok.to_str()}
    yield from kinds.odd_files(texts, size)
    yield from kinds.directories(texts, size)


def cuts(ref, texts, seed):
    """Pairs at many lengths: [text, text, length, ids, types]."""
    r = random.Random(seed)
    out = []
    for _ in range(20):
        a, b = r.randrange(len(texts)), r.randrange(len(texts))
        for length in [0, 6, 7, 12, 13, r.randrange(8, 60)]:
            e = ref.encode([(texts[a], texts[b])], length)[0]
            out.append([a, b, length, e.ids, e.type_ids])
    return out


def saved(folder, files):
    """The files that transformers 5 writes of a directory."""
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(folder).save_pretrained(folder + "-saved")
    out = {"config.json": files["config.json"]}
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        with open(os.path.join(folder + "-saved", name), encoding="utf-8") as f:
            out[name] = json.dumps(json.load(f), ensure_ascii=False)
    return out


def fixture():
    texts = odd_strings(300, 1)
    learn = learned(odd_strings(1200, 2))
    out = []
    with tempfile.TemporaryDirectory() as tmp:
        for name, files in all_kinds(learn, 400):
            every = [(name, files)]
            for one, files in every:
                folder = os.path.join(tmp, one)
                ref = Reference(folder, files)
                if one == name and "config.json" in files and name in ("additional", "mpnet", "roberta-merges", "xlm-roberta-spm", "deberta-v2-spm", "deberta-merges"):
                    every.append((name + "-saved", saved(folder, files)))
                out.append({"name": one, "files": {n: base64.b64encode(c if isinstance(c, bytes) else c.encode()).decode() for n, c in files.items()},
                            "ids": [e.ids for e in ref.encode(texts)], "cut": cuts(ref, texts, 3)})
    return json.dumps({"texts": texts, "kinds": out}, ensure_ascii=False)


def check():
    """Whether the reference still gives the ids of the fixture for the fixture's files."""
    with gzip.open(FIXTURE, "rt", encoding="utf-8") as f:
        fix = json.load(f)
    good = True
    with tempfile.TemporaryDirectory() as tmp:
        for k in fix["kinds"]:
            ref = Reference(os.path.join(tmp, k["name"]), {n: base64.b64decode(c) for n, c in k["files"].items()})
            same = [e.ids for e in ref.encode(fix["texts"])] == k["ids"] and cuts(ref, fix["texts"], 3) == k["cut"]
            print(k["name"] + ":", "as it should be" if same else "differs from what the reference gives now")
            good = good and same
    return good


def real_texts(data):
    """Every text of the data, file by file."""
    for path in sorted(glob.glob(os.path.join(data, "data", "**", "*.*"), recursive=True)):
        if path.endswith((".tsv", ".csv", ".txt", ".gz")):
            opened = gzip.open if path.endswith(".gz") else open
            with opened(path, "rt", encoding="utf-8", errors="replace", newline="\n") as f:
                yield os.path.relpath(path, data), f.read().split("\n")


def digest(encodings):
    h = hashlib.sha256()
    for e in encodings:
        ids = e.ids
        h.update(array.array("I", [len(ids), *ids]).tobytes())
    return h.hexdigest()[:16]


BLOCK = 1000
# Kinds that real texts are compared in: those whose parts differ most.
REAL = ["bert", "nfd-lower-strip", "nfkc-nmt", "roberta", "roberta-prefix", "modernbert", "gpt4-split", "xlm-roberta", "unigram-older", "bpe-suffix", "bpe-bytes", "mpnet", "camembert-spm", "deberta-v2-spm"]


def published(data):
    """The published vocabularies that are there."""
    for name, model in [("gpt2-bpe", "roberta"), ("bert-base-uncased", "bert")]:
        folder = os.path.join(data, "tokenizers", name)
        files = {n: open(os.path.join(folder, n), "rb").read() for n in ["vocab.txt", "vocab.json", "merges.txt"] if os.path.exists(os.path.join(folder, n))}
        if files:
            yield name, {**files, "config.json": json.dumps({"model_type": model})}


def large(out, data, only):
    texts = odd_strings(10000, 4)
    files_of_data = list(real_texts(data)) if data else []
    learn = learned(texts)[:3000] + [t for name, lines in files_of_data if "SST-2/train" in name or "news" in name for t in lines[:20000]]
    report = {"texts": texts, "kinds": []}
    every = list(all_kinds(learn, 8000)) + (list(published(data)) if data else [])
    for name, files in every:
        if only and name not in only:
            continue
        ref = Reference(os.path.join(out, name), files)
        wanted = files_of_data if name in REAL + ["gpt2-bpe", "bert-base-uncased"] else []
        real = {n: [digest(ref.encode(lines[i:i + BLOCK])) for i in range(0, len(lines), BLOCK)] for n, lines in wanted}
        report["kinds"].append({"name": name, "ids": [e.ids for e in ref.encode(texts)], "real": real})
        print(name, flush=True)
    with open(os.path.join(out, "report.json"), "w", encoding="utf-8") as f:
        json.dump(report, f)


def read(out):
    from transformers import AutoTokenizer

    with gzip.open(FIXTURE, "rt", encoding="utf-8") as f:
        texts = json.load(f)["texts"]
    report = []
    for name in sorted(os.listdir(out)):
        tok = AutoTokenizer.from_pretrained(os.path.join(out, name))
        pair = tok(texts[-1], texts[-2])
        report.append({"name": name, "ids": tok(texts).input_ids, "length": tok.model_max_length,
                       "cut": [[len(texts) - 1, len(texts) - 2, 0, pair.input_ids, pair.get("token_type_ids") or [0] * len(pair.input_ids)]]})
    with open(os.path.join(out, "read.json"), "w", encoding="utf-8") as f:
        json.dump({"kinds": report}, f)


def main():
    if sys.argv[1:2] == ["--read"]:
        return read(sys.argv[2])
    if sys.argv[1:2] == ["--large"]:
        return large(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "", sys.argv[4:])
    if "--check" in sys.argv:
        return sys.exit(not check())
    content = fixture()
    with open(FIXTURE, "wb") as f:
        f.write(gzip.compress(content.encode(), 9, mtime=0))
    print("kinds.json.gz:", os.path.getsize(FIXTURE), "bytes")


main()
