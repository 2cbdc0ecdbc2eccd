"""Where accounts live: sealed files under a key in the OS keyring or in a file, or this process' memory."""
