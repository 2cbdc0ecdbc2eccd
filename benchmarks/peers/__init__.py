"""Other packages that sign in to the same accounts, and three that many know: at the same work, never contacted."""
