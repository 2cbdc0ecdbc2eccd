"""A Flask app on its user's own machine: one connection for all the threads of its server.

    python examples/flask_app.py
    curl http://127.0.0.1:5000/sign-in --json '{}'
    curl http://127.0.0.1:5000/ask --json '{"prompt": "Say hello in one line."}'

Signing in opens the user's browser, and the request waits for it. Whoever reaches the app uses its user's plan, so it
listens on this machine alone, answers to no other name, and takes JSON, which no foreign page sends.
"""

from contextlib import ExitStack
from email.utils import formatdate

from flask import Flask, Response, jsonify, request

from signedin import InteractionRequired, SignedinError, TemporarilyUnavailable
from signedin.sync import Connection, ask


def create_app(connection: Connection) -> Flask:
    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]

    @app.post("/sign-in")
    def sign_in() -> Response:
        request.get_json()  # or 415: a foreign page could not send it
        connection.ensure_signed_in()
        return jsonify(state=connection.state.value, email=connection.snapshot.email)

    @app.post("/ask")
    def stream() -> Response:
        asked = ExitStack()
        answer = asked.enter_context(ask(connection, request.json["prompt"]))
        response = Response(answer, mimetype="text/plain")
        response.call_on_close(asked.close)
        return response

    @app.errorhandler(SignedinError)
    def refuse(error: SignedinError) -> tuple[Response, int, dict[str, str]]:
        told = jsonify(case=error.case, message=error.message)
        if isinstance(error, InteractionRequired):
            return told, 409, {"Link": '</sign-in>; rel="sign-in"'}
        if isinstance(error, TemporarilyUnavailable):
            return told, 503, {"Retry-After": formatdate(error.retry_at, usegmt=True)}
        return told, 502, {}

    return app


def main() -> None:
    with Connection.open(app_name="Acme Notes") as connection:
        create_app(connection).run(port=5000)


if __name__ == "__main__":
    main()
