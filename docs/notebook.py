# %% [markdown]
# # An encoder of your own, scored across languages
#
# Letters are counted, nothing is learnt, nothing is downloaded: which of these languages find one another all the same?
# The cells run as a notebook (Jupytext, VS Code) or as a program; a test runs them too.

# %%
import zlib
from collections.abc import Callable, Sequence
from html import escape

import numpy as np
import numpy.typing as npt

import xbench

LANGUAGES = ["de", "en", "es", "el", "ru", "tr", "vi"]
Vectors = npt.NDArray[np.float32]


# %%
def grams(sizes: Sequence[int], width: int = 1_024) -> Callable[[list[str], str], Vectors]:
    """An encoder: how often each run of `sizes` characters stands in a text, by its hash, damped."""

    def encode(texts: list[str], role: str) -> Vectors:
        counts = np.zeros((len(texts), width), np.float32)
        for row, text in enumerate(texts):
            padded = f" {text.lower()} "
            for size in sizes:
                for start in range(len(padded) - size + 1):
                    counts[row, zlib.crc32(padded[start : start + size].encode()) % width] += 1
        return np.sqrt(counts)

    return encode


# %% [markdown]
# Every query language against every document language, from one pass. Names and versions are what results go by.

# %%
(pairs_of_letters,) = xbench.evaluate(grams([2]), "facts", name="bigrams", version="1", languages=LANGUAGES)
(longer,) = xbench.evaluate(grams([3, 4]), "facts", name="trigrams", version="1", languages=LANGUAGES)

# %% [markdown]
# A row per setting and metric; the pair map is a pivot of it.

# %%
frame = longer.to_frame()
scores = frame[frame["metric"] == "AP"].pivot(index="query_language", columns="document_language", values="value")
scores = scores.loc[LANGUAGES, LANGUAGES]
scores.round(3)

# %% [markdown]
# Drawn, the darker the better: scripts keep to themselves, and what crosses are names that are spelled alike.


# %%
class Drawing(str):
    """An SVG that a notebook shows."""

    def _repr_svg_(self) -> str:
        return self


def pair_map(table, cell: int = 44) -> Drawing:
    """The table as squares: a row for each query language, a column for each document language."""
    top = float(table.to_numpy().max())
    size = cell * (len(table) + 1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" font-family="sans-serif">']
    for column, language in enumerate(table.columns, 1):
        parts.append(
            f'<text x="{(column + 0.5) * cell}" y="{cell * 0.7}" text-anchor="middle">{escape(language)}</text>'
        )
    for row, language in enumerate(table.index, 1):
        parts.append(f'<text x="{cell * 0.3}" y="{(row + 0.6) * cell}">{escape(language)}</text>')
        for column, value in enumerate(table.loc[language], 1):
            place = f'x="{column * cell}" y="{row * cell}" width="{cell - 2}" height="{cell - 2}"'
            title = f"{language} asks, {table.columns[column - 1]} answers: {value:.3f}"
            parts.append(f'<rect {place} fill="#1f5fa8" fill-opacity="{value / top:.3f}"><title>{title}</title></rect>')
    return Drawing("".join([*parts, "</svg>"]))


drawing = pair_map(scores)
drawing

# %% [markdown]
# Is the second one better, or was it luck? A t test over clusters of questions; intervals are of 95 %.

# %%
comparison = xbench.compare(longer, pairs_of_letters, pairs=["de-en", "ru-en"])
comparison

# %% [markdown]
# How far is either from languages that do not matter? Rank distance: how many ranks apart the language versions of one
# answer stand in the pool of all languages. An encoder that keeps languages apart is worse than chance: it ranks one
# language whole before the next.

# %%
for result in (pairs_of_letters, longer):
    distance = result.bias.distance
    print(f"{result.model}: {distance.mean:,.0f}; by chance {distance.chance:,.0f}, at best {distance.perfect:,.0f}")
