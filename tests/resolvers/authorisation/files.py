"""Files, the links to their content, and exports of one's own data."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import THE_OWNER, Owned, Row, Way, platform_staff

READ_FILES = platform_staff(Permission.READ_FILES)

TYPES: dict[str, Row] = {
    "File": Owned(
        clear="id ownerId purpose state refusal refusalMessage contentType size digest createdAt readyAt",
        at="Query.node Query.nodes Query._entities FileConnection.nodes FileEdge.node FileDeleted.file"
        " UploadConfirmed.file DataExport.file",
    ),
    "FileLink": Owned(
        relative="url expiresAt",
        at="Query.fileLink Query.filesArchiveLink Mutation.viewIdentityPicture Mutation.viewHospitalLicence",
    ),
    "DataExport": Owned(
        clear="id state failure requestedAt finishedAt expiresAt",
        leads_to="file",
        at="Query.myDataExports DataExportRequested.export",
    ),
}

LISTS = {"FileConnection": "Query.myFiles Query.files"}

BY_ID = {
    "File/avatar": THE_OWNER | READ_FILES,
    "File/identity picture": THE_OWNER | READ_FILES,
    "File/export": THE_OWNER | READ_FILES,
}

WAYS = [
    Way("myDataExports", "DataExport", THE_OWNER),
    Way("myDataExports {{ file … }}", "File/export", THE_OWNER),
    Way("myFiles(purpose: EXPORT)", "File/export", THE_OWNER),
    Way('files(ownerId: "{User}", purpose: EXPORT)', "File/export", READ_FILES),
    Way('fileLink(id: "{File/export}")', "FileLink", THE_OWNER),
    Way("myFiles(first: 100)", "File/avatar", THE_OWNER),
    Way("myFiles(first: 100)", "File/identity picture", THE_OWNER),
    Way('files(ownerId: "{User}", first: 100)', "File/avatar", READ_FILES),
    Way('files(ownerId: "{User}", first: 100)', "File/identity picture", READ_FILES),
    Way('fileLink(id: "{File/avatar}")', "FileLink", THE_OWNER | READ_FILES),
    Way('fileLink(id: "{File/identity picture}")', "FileLink", THE_OWNER),
    Way('filesArchiveLink(ids: ["{File/avatar}"])', "FileLink", THE_OWNER | READ_FILES, otherwise="BAD_REQUEST"),
    Way('filesArchiveLink(ids: ["{File/identity picture}"])', "FileLink", THE_OWNER, otherwise="BAD_REQUEST"),
]
