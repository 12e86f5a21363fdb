"""The discussion area: posts and replies of verified accounts, what is reported of them, and what moderators decide."""
