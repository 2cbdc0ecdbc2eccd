"""The part `sandbox`: tools on their user's own machine, each of which is issued a client id at its first sign-in."""
