"""Where files are kept, and the keys to them: one per process."""

from dataclasses import dataclass
from pathlib import Path

from datasources.sealing import KeyRing, Purpose
from datasources.storage.aliyun_oss import OssAccount, OssBucket
from datasources.storage.envelope import Envelopes
from datasources.storage.local_folder import LocalFolder
from datasources.storage.object_store import ObjectStore
from datasources.storage.signed_links import SignedLinks


@dataclass(frozen=True, slots=True)
class FileStorage:
    """Two places: `public` for what everybody may see once it was inspected, `private` for all else."""

    public: ObjectStore
    private: ObjectStore
    links: SignedLinks
    envelopes: Envelopes

    @classmethod
    def in_folder(cls, folder: Path, ring: KeyRing) -> "FileStorage":
        """Both below a folder of this machine."""
        links = SignedLinks(ring.key(Purpose.LINK))
        return cls(
            public=LocalFolder(folder / "public", "public", links),
            private=LocalFolder(folder / "private", "private", links),
            links=links,
            envelopes=Envelopes(ring.key(Purpose.FILE)),
        )

    @classmethod
    def in_oss(cls, account: OssAccount, *, public: str, private: str, ring: KeyRing) -> "FileStorage":
        """Both buckets of an OSS account."""
        return cls(
            public=OssBucket(account, public),
            private=OssBucket(account, private),
            links=SignedLinks(ring.key(Purpose.LINK)),
            envelopes=Envelopes(ring.key(Purpose.FILE)),
        )

    async def drop_stale_drafts(self) -> None:
        """Remove what uploads that were cut off by a kill left in a folder. OSS keeps nothing of them."""
        for store in (self.public, self.private):
            if isinstance(store, LocalFolder):
                await store.drop_stale_drafts()

    async def close(self) -> None:
        """Let go of what the stores hold."""
        for store in (self.public, self.private):
            if isinstance(store, OssBucket):
                await store.close()
