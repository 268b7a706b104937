"""Templates that are compiled once in a test process, for all the applications that its tests make."""

from jinja2.bccache import Bucket, BytecodeCache


class Remembered(BytecodeCache):
    """Compiled templates by their key, which stands for name and text."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()
