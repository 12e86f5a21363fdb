"""The file storage that the settings name: OSS where its keys are given, else a folder of the data directory."""

from datasources.sealing import KeyRing
from datasources.storage.aliyun_oss import OssAccount
from datasources.storage.file_storage import FileStorage
from server.settings import Settings
from server.start_error import StartError


class FileStorageError(StartError):
    """Some of the OSS settings are given, but not all."""


def file_storage(settings: Settings, ring: KeyRing) -> FileStorage:
    """The storage of this process; close it at the end. Raises FileStorageError."""
    endpoint, region = settings.oss_endpoint, settings.oss_region
    public, private = settings.oss_public_bucket, settings.oss_private_bucket
    key_id, secret = settings.oss_access_key_id, settings.oss_access_key_secret
    if endpoint and region and public and private and key_id and secret:
        return FileStorage.in_oss(
            OssAccount(endpoint, region, key_id, secret), public=public, private=private, ring=ring
        )
    if any((endpoint, region, public, private, key_id, secret)):
        raise FileStorageError(
            "object storage needs all of OSS_ENDPOINT, OSS_REGION, OSS_PUBLIC_BUCKET, OSS_PRIVATE_BUCKET, "
            "OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or none of them"
        )
    return FileStorage.in_folder(settings.data_directory / "files", ring)
