"""The adapters of signedin: what carries out its commands and shows its transitions. Imported by name, never whole."""
