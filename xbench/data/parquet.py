"""Rows of parquet files, one at a time and each with its place. Knows no task and no corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from xbench.errors import DataError

BATCH = 4096  # rows in memory at once


def parquet_rows(path: Path, names: Sequence[str], required: bool = False) -> Iterator[tuple[str, dict[str, object]]]:
    """(file:row, the columns of `names` that it has). Raises DataError for what is no parquet file, and where a
    `required` column is absent."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            has = file.schema_arrow.names
            if required and (lacking := [name for name in names if name not in has]):
                raise DataError(f"{path}: no column {lacking[0]!r}; it has {', '.join(has)}")
            number = 0
            for batch in file.iter_batches(BATCH, columns=[name for name in names if name in has]):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}:{number}", row
    except (ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:100]
        raise DataError(f"{path}: damaged, or no parquet file ({reason}); fetch it again") from None
