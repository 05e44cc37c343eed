"""The wire format is Tink's: what we seal, PyPI's tink opens, and what it seals, we open."""

import base64
import io
import json
import random

import pytest
import tink
from tink import json_proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2

from kcc.vault.sealing import SEGMENT, SealedReader, SealingWriter

KEY = bytes(range(100, 132))
FIRST, NEXT = 65_480, 65_520
SIZES = [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT - 1, FIRST + NEXT, FIRST + NEXT + 1, 3_000_000]


@pytest.fixture(scope="module")
def other() -> streaming_aead.StreamingAead:
    """Tink itself, with our key and our segment size."""
    streaming_aead.register()
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(key_value=KEY)
    key.params.ciphertext_segment_size = SEGMENT
    key.params.derived_key_size = 32
    key.params.hkdf_hash_type = common_pb2.SHA256
    data = {
        "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        "value": base64.b64encode(key.SerializeToString()).decode(),
        "keyMaterialType": "SYMMETRIC",
    }
    entry = {"keyData": data, "status": "ENABLED", "keyId": 1, "outputPrefixType": "RAW"}
    keyset = json.dumps({"primaryKeyId": 1, "key": [entry]})
    handle = json_proto_keyset_format.parse(keyset, secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_what_we_sealed(other: streaming_aead.StreamingAead, size: int) -> None:
    plain = _bytes(size)
    sealed = io.BytesIO(_sealed(plain))
    with other.new_decrypting_stream(sealed, b"rec-1") as stream:
        assert stream.read() == plain


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_tink_sealed(other: streaming_aead.StreamingAead, size: int) -> None:
    plain, sealed = _bytes(size), _Kept()
    with other.new_encrypting_stream(sealed, b"rec-1") as stream:
        stream.write(plain)
    ours = SealedReader(KEY, b"rec-1", lambda at, length: sealed.kept[at : at + length], len(sealed.kept))
    assert ours.size == size
    assert ours.read(0, size) == plain


def test_tink_refuses_our_bytes_in_anothers_place(other: streaming_aead.StreamingAead) -> None:
    sealed = io.BytesIO(_sealed(b"hello"))
    with other.new_decrypting_stream(sealed, b"rec-2") as stream, pytest.raises(tink.TinkError):
        stream.read()


def _bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _sealed(plain: bytes) -> bytes:
    sealed = bytearray()
    writer = SealingWriter(KEY, b"rec-1", sealed.extend)
    writer.write(plain)
    writer.finish()
    return bytes(sealed)


class _Kept(io.BytesIO):
    """Keeps its bytes when tink closes it."""

    kept = b""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()
