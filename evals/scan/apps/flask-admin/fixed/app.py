import os
import pickle
import subprocess
from flask import Flask, redirect, render_template_string, request, session

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]


@app.post("/backup")
def backup():
    if "user" not in session:
        return {"error": "log in first"}, 401
    name = request.form["name"]
    subprocess.run(["tar", "czf", f"/backups/{int(name)}.tgz", "/srv/data"], check=True)
    return {"ok": True}


@app.get("/hello")
def hello():
    return render_template_string("<p>Hello {{ name }}</p>", name=request.args.get("name", ""))


@app.get("/state")
def state():
    return {"state": app.json.loads(request.cookies.get("state", "{}"))}


if __name__ == "__main__":
    app.run(port=8000)
