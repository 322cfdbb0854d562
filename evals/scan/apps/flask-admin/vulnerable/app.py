import os
import pickle
import subprocess
from flask import Flask, redirect, render_template_string, request, session

app = Flask(__name__)
app.secret_key = 'dev-secret-key-123'


@app.post("/backup")
def backup():
    if "user" not in session:
        return {"error": "log in first"}, 401
    name = request.form["name"]
    subprocess.run(f"tar czf /backups/{name}.tgz /srv/data", shell=True)
    return {"ok": True}


@app.get("/hello")
def hello():
    return render_template_string("<p>Hello " + request.args.get("name", "") + "</p>")


@app.get("/state")
def state():
    return {"state": pickle.loads(request.cookies.get("state", "{}"))}


if __name__ == "__main__":
    app.run(debug=True)
