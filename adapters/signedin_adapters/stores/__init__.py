"""Where accounts live: sealed files, a place of somebody else's (`key_value`), or this process' memory."""
