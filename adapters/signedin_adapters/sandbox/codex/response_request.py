"""The body of a question to the codex backend: its restrictions, in its words."""

from signedin_adapters.sandbox import response_request
from signedin_adapters.sandbox.codex.models import SLUGS
from signedin_adapters.sandbox.refusals import ApiRefusal
from signedin_adapters.sandbox.response_request import ResponseRequest

UNSUPPORTED = (
    "max_output_tokens",
    "previous_response_id",
    "prompt_cache_retention",
    "safety_identifier",
    "stream_options",
    "temperature",
)


def parse(body: object) -> ResponseRequest:
    """Check a decoded JSON body; raises ApiRefusal."""
    fields = response_request.json_object(body)
    response_request.check_stream(fields)
    instructions = fields.get("instructions")
    if not isinstance(instructions, str) or not instructions:
        raise ApiRefusal.detail(400, "Instructions are required")
    items = response_request.input_items(fields)
    for name in UNSUPPORTED:
        if name in fields:
            raise ApiRefusal.detail(400, f"Unsupported parameter: {name}")
    model = fields.get("model")
    if not isinstance(model, str) or model not in SLUGS:
        text = f"The '{model}' model is not supported when using Codex with a ChatGPT account."
        raise ApiRefusal.detail(400, text)
    return ResponseRequest(model=model, prompt=response_request.prompt(items))
